"""samba_school.py SMB_CONF < wish.json: put a generated school into a resting domain; for the system's Python."""

import json
import sys
import time

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB


def main() -> None:
    """Make the units, everybody, and the account that reads."""
    settings = LoadParm()
    settings.load(sys.argv[1])
    domain = SamDB(session_info=system_session(), lp=settings)
    base = str(domain.domain_dn())
    wish = json.load(sys.stdin)
    change(domain, base, "lockoutThreshold", "3")
    change(domain, base, "lockoutDuration", str(-1800 * 10**7))
    change(domain, base, "minPwdLength", "0")
    domain.transaction_start()
    for unit in wish["units"]:
        domain.add({"dn": str(place(domain, base, unit)), "objectClass": "organizationalUnit"})
    for one in wish["entries"]:
        entry(domain, base, one, wish)
    domain.transaction_commit()
    reader = f"CN={wish['reader']},CN=Users,{base}"
    domain.add({"dn": reader, "objectClass": "user", "sAMAccountName": wish["reader"]})
    change(domain, reader, "unicodePwd", f'"{wish["password"]}"'.encode("utf-16-le"))
    change(domain, reader, "userAccountControl", "512")


def place(domain, base, unit, name=None):
    """The DN of a unit, or of an entry in it."""
    dn = ldb.Dn(domain, base)
    for part in (*reversed(unit), *(() if name is None else (name,))):
        dn.add_child("OU=X")
        dn.set_component(0, "OU", part)
    if name is not None:
        dn.set_component(0, "CN", name)
    return dn


def entry(domain, base, one, wish):
    """Make one entry in its states."""
    kinds = {"person": "user", "computer": "computer", "contact": "contact", "group": "group"}
    dn = place(domain, base, one["place"], one["name"])
    domain.add({"dn": str(dn), "objectClass": kinds[one["kind"]], **one["facts"]})
    if one["kind"] != "person":
        return
    states = one["states"]
    control = 512 | 2 * ("disabled" in states) | 32 * ("no-password" in states)
    change(domain, dn, "userAccountControl", str(control))
    change(domain, dn, "accountExpires", one["expires"])
    if "must-change" not in states:
        change(domain, dn, "pwdLastSet", "-1")
    if "locked" in states:
        change(domain, dn, "lockoutTime", str(int((time.time() + 11644473600) * 10**7)))
    if "stale" in states:
        change(domain, dn, "lastLogonTimestamp", wish["long_ago"])
    if "deleted" in states:
        domain.delete(dn)


def change(domain, dn, name, value):
    """Replace one attribute."""
    message = ldb.Message(ldb.Dn(domain, str(dn)))
    message[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
    domain.modify(message, controls=["relax:0"])


main()
