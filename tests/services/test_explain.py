"""Everything that leads to one person's account, and whom a word may mean."""

import pytest

from connector.domain.errors import ConfigError
from connector.services.decision import Request
from connector.services.explain import MATCHES, explain
from tests.services.school import AS_OF, School, row, silent

GROUP = "CN=Prefects,OU=Groups,DC=school,DC=example"
RULES = f"""
[usernames]
method = "initial_surname"
[passwords]
method = "none"
[roles]
managed = ["Student Security", "Student Portal"]
default = ["Student Security"]
[[roles.rule]]
name = "Prefects"
when = {{ ldap_group = "{GROUP}" }}
grant = ["Student Portal"]
"""
ENTRY = f"""\
dn: CN=Amelia Smith,OU=Students,DC=school,DC=example
objectClass: user
sAMAccountName: asmith
employeeID: S1
givenName: Amelia
sn: Smith
userAccountControl: 512
memberOf: {GROUP}

"""
DIRECTORY = '[directory]\nurl = "ldif:directory.ldif"\nbase = "OU=Students,DC=school,DC=example"\n'


def explained(school, who):
    """What is said of somebody."""
    return explain(school.built(), who, Request(AS_OF, attended=True), silent)


@pytest.mark.parametrize(
    ("export", "told"),
    [
        (ENTRY, "holds"),
        (ENTRY.replace(GROUP, "CN=Other,DC=school"), "does not hold"),
        (ENTRY[:-30], "cannot be decided today"),
    ],
    ids=["in the group", "not in it", "half a directory"],
)
def test_a_rule_that_asks_for_a_group(tmp_path, export, told):
    """Whether the student is in a group is told by a whole read; half of one denies nothing."""
    school = School(tmp_path, RULES, DIRECTORY)
    school.write([row("S1", "Amelia", "Smith")])
    (tmp_path / "directory.ldif").write_text(export)
    steps = {step[0]: step[1] for step in explained(school, "S1").steps}
    assert steps["role rule Prefects"] == told


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("smith", "It occurs in asmith (S1), bsmith (S2), S3"),
        ("SMÍTH", "It occurs in asmith (S1), bsmith (S2), S3"),
        ("amel", "It occurs in asmith (S1)"),
        ("zz", "Look at the whole: trackone plan; or search: trackone accounts list TEXT"),
    ],
)
def test_a_word_that_is_nobodys_code_lists_whom_it_may_mean(tmp_path, word, told):
    """Accounts by username and name, and students who have no account yet, by username and code."""
    school = School(tmp_path)
    people = [row("S1", "Amelia", "Smith"), row("S2", "Bodhi", "Smith")]
    school.write(people)
    school.sync()
    school.write([*people, row("S3", "Cara", "Smithers")])
    with pytest.raises(ConfigError) as raised:
        explained(school, word)
    assert raised.value.hint == told


def test_of_many_only_some_are_listed(tmp_path):
    """Beyond ten the rest is counted, with the command that lists them."""
    school = School(tmp_path)
    school.write([row(f"S{number:02}", "Amelia", f"Smith-{number}") for number in range(MATCHES + 5)])
    with pytest.raises(ConfigError) as raised:
        explained(school, "smith")
    assert raised.value.hint.endswith(" and 5 more: trackone accounts list smith")
