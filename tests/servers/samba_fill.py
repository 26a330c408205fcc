"""samba_fill.py SMB_CONF < wish.json: put people into a domain that is not running; for the system's Python."""

import json
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

EXPIRED = "133000000000000000"  # in 2022
DISABLED, NORMAL = "514", "512"
LONG_AGO = "132000000000000000"  # in 2019


def main() -> None:
    """Make the units, the groups, the people and the service accounts."""
    settings = LoadParm()
    settings.load(sys.argv[1])
    domain = SamDB(session_info=system_session(), lp=settings)
    base = str(domain.domain_dn())
    wish = json.load(sys.stdin)
    change(domain, base, "lockoutThreshold", "3")
    change(domain, base, "lockoutDuration", str(-1800 * 10**7))
    change(domain, f"CN=Partitions,CN=Configuration,{base}", "uPNSuffixes", "school.example")
    units = ["School", "Students,OU=School", "Service,OU=School", "Groups,OU=School"]
    units += [f"{year},OU=Students,OU=School" for year in ("Year 7", "Year 8")]
    for unit in units:
        domain.add({"dn": f"OU={unit},{base}", "objectClass": "organizationalUnit"})
    places = {}
    for one in wish["people"]:
        places[one["login"]] = person(domain, base, one, wish["password"])
    for name in wish["services"]:
        service(domain, base, name, wish["password"])
    for name in wish["groups"]:
        domain.add({"dn": group(name, base), "objectClass": "group", "sAMAccountName": name})
    for name, inside in wish["groups"].items():
        members = [str(places[one["login"]]) for one in wish["people"] if name in one["groups"]]
        members += [group(other, base) for other in inside]
        if members:
            change(domain, group(name, base), "member", members)
    for one in wish["people"]:
        if one["state"] == "deleted":
            domain.delete(places[one["login"]])


def group(name, base):
    """The DN of a group."""
    return f"CN={name},OU=Groups,OU=School,{base}"


def person(domain, base, one, password):
    """Make a student; returns the DN."""
    dn = ldb.Dn(domain, f"OU={one['place']},OU=Students,OU=School,{base}")
    dn.add_child("CN=X")
    dn.set_component(0, "CN", f"{one['given']} {one['family']}")
    upn = f"{one['login']}@school.example"
    facts = {
        "objectClass": "user",
        "sAMAccountName": one["login"],
        "userPrincipalName": upn,
        "givenName": one["given"],
        "sn": one["family"],
        "displayName": f"{one['given']} {one['family']}",
        "mail": one["mail"],
    }
    if one["key"]:
        facts["employeeID"] = one["key"]
    make(domain, dn, facts, password)
    state(domain, dn, one["state"])
    return dn


def service(domain, base, name, password):
    """Make a service account, in the state its name says."""
    dn = ldb.Dn(domain, f"CN={name},OU=Service,OU=School,{base}")
    make(domain, dn, {"objectClass": "user", "sAMAccountName": name}, password)
    words = {"svc-disabled": "disabled", "svc-expired": "expired", "svc-change": "must-change"}
    state(domain, dn, words.get(name, "well"))


def make(domain, dn, facts, password):
    """Add an account and enable it with its password."""
    domain.add({"dn": str(dn), **facts})
    change(domain, dn, "unicodePwd", f'"{password}"'.encode("utf-16-le"))
    change(domain, dn, "userAccountControl", NORMAL)


def state(domain, dn, word):
    """Bring an account into a state; whoever is locked is locked later, by wrong passwords."""
    if word == "disabled":
        change(domain, dn, "userAccountControl", DISABLED)
    elif word == "expired":
        change(domain, dn, "accountExpires", EXPIRED)
    elif word == "must-change":
        change(domain, dn, "pwdLastSet", "0")
    elif word == "lock-over":
        change(domain, dn, "lockoutTime", LONG_AGO)


def change(domain, dn, name, value):
    """Replace one attribute."""
    message = ldb.Message(ldb.Dn(domain, str(dn)))
    message[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
    domain.modify(message)


main()
