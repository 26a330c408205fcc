"""The configuration the demo runs on: connector.toml and the mapping file, as a school would write them."""

import shutil
from pathlib import Path

from connector.settings.presets import packaged_mappings

CONNECTOR = """\
# Riverside College is invented, like everybody in it.
[school]
name = "Riverside College"
state = "QLD"

[sis]                              # the export of the student information system
reader = "oneroster"
path = "oneroster.zip"
sis_code_from = "identifier"
as_of = "2026-03-11"               # the demo always takes place on this day; a school leaves it out

[mapping]
file = "mappings/students.toml"

[directory]                        # an export of Active Directory; a school gives ldaps://... instead
url = "ldif:directory.ldif"
type = "active-directory"
base = "DC=riverside,DC=example"
exclude = [
  "OU=Staff,DC=riverside,DC=example",
  "OU=Service Accounts,DC=riverside,DC=example",
  "CN=Users,DC=riverside,DC=example",
]
year_ou = "OU=Year {year},OU=Students"
leavers_ou = "OU=Leavers"
policy = "report"

[directory.attributes]
login = "sAMAccountName"
key = "employeeID"                 # holds the SIS code

[store]
url = "sqlite:///trackone.db"
roles = [
  "Teacher Security",
  "Student Portal",
  "Student Security",
  "Access for SLT, ELT, CLT",
  "Parent",
  "Administrator Level One",
  "Administrator Security",
]
"""

STUDENTS = """\
# Usernames are the network logins: initial and surname. Everybody may sign in, Years 7 to 12 have the portal.
[scope]
year_levels = "all"
overwrite = true                   # the SIS decides: names, years, leavers
renames = "reviewed"               # a person sees renames before they happen
missing = "report"

[usernames]
method = "initial_surname"
case = "lower"
max_length = 20
collision = ["middle_initial", "counter"]

[passwords]
method = "none"                    # people sign in with their network password

[roles]
default = ["Student Security"]
managed = ["Student Security", "Student Portal"]

[[roles.rule]]
name = "senior campus"
grant = ["Student Security", "Student Portal"]
when = { year = "7-12" }

[[example]]
given = { sis_code = "0004001", given_names = "Amelia", family_name = "Smith", year_level = "7" }
expect = { username = "asmith", roles = ["Student Portal", "Student Security"] }

[[example]]
given = { sis_code = "0004002", given_names = "Siobhán", family_name = "O'Brien", year_level = "P" }
expect = { username = "sobrien", roles = ["Student Security"] }

[[example]]
given = { sis_code = "0004003", given_names = "Pieter", family_name = "van der Berg", year_level = "5" }
expect = { username = "pvanderberg" }
"""


def write_configuration(folder: Path) -> None:
    """Write connector.toml, a copy of the mappings that come with the product, and mappings/students.toml."""
    mappings = folder / "mappings"
    shutil.copytree(packaged_mappings(), mappings, dirs_exist_ok=True)
    (folder / "connector.toml").write_text(CONNECTOR, encoding="utf-8", newline="\n")
    (mappings / "students.toml").write_text(STUDENTS, encoding="utf-8", newline="\n")
