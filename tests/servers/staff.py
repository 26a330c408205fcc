"""Staff who sign in with their network account, for slapd."""

from tests.servers.people import line
from tests.servers.slapd import SUFFIX

PASSWORD = "Pässword one"
OPERATORS, VIEWERS = f"cn=Operators (all),ou=Groups,{SUFFIX}", f"cn=Viewers,ou=Groups,{SUFFIX}"
STAFF = {"jlee": "Lee", "kim*": "Kim", "pat": "Pat, Jr", "max": "Max"}


def staff() -> str:
    """Four people of the staff: jlee operates, kim* and jlee look, pat is in no group; max has no password."""
    text = [f"dn: ou=Staff,{SUFFIX}\nobjectClass: organizationalUnit\n\n"]
    for login, family in STAFF.items():
        secret = "" if login == "max" else line("userPassword", PASSWORD)
        text.append(f"dn: uid={login},ou=Staff,{SUFFIX}\nobjectClass: inetOrgPerson\ncn: {login}\n")
        text.append(f"{line('sn', family)}{secret}\n")
    members = {OPERATORS: ["jlee", "max"], VIEWERS: ["jlee", "kim*"]}
    for group, logins in members.items():
        lines = "".join(f"member: uid={login},ou=Staff,{SUFFIX}\n" for login in logins)
        name = group.partition(",")[0].removeprefix("cn=")
        text.append(f"dn: {group}\nobjectClass: groupOfNames\ncn: {name}\n{lines}\n")
    return "".join(text)
