"""Generated schools of some hundred students over every kind of directory: exactly what is seeded is found."""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.acceptance.seeded.school import AS_OF, Found, Habits, School
from tests.acceptance.seeded.seed import seeded_school
from tests.acceptance.seeded.twins import active_directory_ldif, openldap_ldif, samba_wish
from tests.cli.command import trackone
from tests.servers import binaries
from tests.servers.authority import Authority
from tests.servers.people import SERVICE_PASSWORD
from tests.servers.samba import ADMIN_PASSWORD, BASE, Samba
from tests.servers.slapd import READER, SUFFIX, Slapd
from tests.services.school import COLUMNS

OF_THE_SYNC = ("drift", "rejected-row")
"""Said of the SIS and the accounts, whatever the directory holds."""
DOMAIN = "DC=school,DC=test"

CONFIG = """
[school]
name = "Generated"
school_year = 2026
[sis]
path = "students.csv"
as_of = "{as_of}"
[sis.columns]
{columns}
[mapping]
file = "students.toml"
[directory]
{directory}
bases = ["OU=Students,OU=School,{domain}", "OU=Leavers,OU=School,{domain}"]
exclude = ["OU=Exams,OU=Students,OU=School,{domain}", "(description=service*)"]
year_ou = "{year_ou}"
leavers_ou = "OU=Leavers,OU=School,{domain}"
{more}
"""
MAPPING = '[usernames]\nmethod = "{method}"\ncollision = []\n[passwords]\nmethod = "none"\n'


def lay_down(folder: Path, school: School, directory: str, domain: str, more: str = "") -> None:
    """Write export, accounts and configuration, and import the accounts."""
    columns = "\n".join(f'{name} = "{name}"' for name in COLUMNS)
    config = CONFIG.format(
        as_of=AS_OF, columns=columns, directory=directory, domain=domain, year_ou=school.habits.year_ou, more=more
    )
    (folder / "connector.toml").write_text(config, encoding="utf-8")
    (folder / "students.toml").write_text(MAPPING.format(method=school.habits.method), encoding="utf-8")
    with (folder / "students.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(school.rows())
    (folder / "accounts.csv").write_text(school.accounts_csv(), encoding="utf-8")
    answer = trackone("accounts", "import", "accounts.csv", "--apply", folder=folder)
    assert answer.code == 0, answer.err


def found_in(folder: Path) -> tuple[list[Found], dict[str, object], list[dict[str, str]]]:
    """What `trackone align` finds, its summary, and the findings as they are."""
    answer = trackone("align", "--format", "json", folder=folder)
    assert answer.code == 0, answer.err
    said = json.loads(answer.out)
    told = (one for one in said["findings"] if one["code"] not in OF_THE_SYNC)
    found = [Found(one["code"], one["sis_code"] or one["login"]) for one in told]
    return sorted(found), said["summary"], said["findings"]


def differences(truth: Iterable[Found], found: Iterable[Found]) -> list[str]:
    """What was overlooked and what was made up, for a person to read."""
    truth, found = Counter(truth), Counter(found)
    overlooked = [f"overlooked: {one.code} {one.subject}" for one in (truth - found).elements()]
    return overlooked + [f"made up: {one.code} {one.subject}" for one in (found - truth).elements()]


def judge(school: School, folder: Path) -> None:
    """Nothing is overlooked and nothing is made up; the summary counts what was seeded."""
    found, summary, _ = found_in(folder)
    assert differences(school.truth, found) == []
    assert (summary["students"], summary["matched"]) == (school.students, school.matched)


AD_SCHOOLS = [
    Habits("ad", "student_code"),
    Habits("ad", "initial_surname", code="{:07d}", year_ou="OU=Class of {cohort}"),
    Habits("ad", "network_login", code="{:d}", year_ou="OU=Intake {intake}", split=True),
]


@pytest.mark.parametrize("signs_in", [True, False])
@pytest.mark.parametrize("habits", AD_SCHOOLS, ids=lambda habits: habits.method)
def test_an_export_of_active_directory(tmp_path: Path, habits: Habits, signs_in: bool) -> None:
    """An LDIF export, whether the school's controllers tell of sign-ins or not."""
    school = seeded_school(habits, 300, 1)
    (tmp_path / "ad.ldif").write_text(active_directory_ldif(school, DOMAIN, signs_in=signs_in), encoding="utf-8")
    lay_down(tmp_path, school, 'url = "ldif:ad.ldif"', DOMAIN, 'upn_suffixes = ["school.test"]')
    judge(school, tmp_path)


LIVE = """\
url = "{url}"
ca_file = "{ca}"
bind_dn = "{name}"
bind_password = {{ file = "password" }}
"""


def _live(folder: Path, server: Slapd | Samba, name: str, password: str) -> str:
    (folder / "password").write_text(password)
    return LIVE.format(url=server.tls_url, ca=server.ca, name=name)


@pytest.mark.servers
@pytest.mark.parametrize(
    "habits",
    [Habits("openldap", "student_code", split=True), Habits("openldap", "initial_surname", year_ou="OU=In {intake}")],
    ids=lambda habits: habits.method,
)
def test_openldap(tmp_path: Path, authority: Authority, certificate: tuple[Path, Path], habits: Habits) -> None:
    """A slapd, over ldaps."""
    binaries.needed("slapd", "slapadd", "openssl")
    school = seeded_school(habits, 300, 2)
    server = Slapd(openldap_ldif(school, SUFFIX, READER, SERVICE_PASSWORD), authority, certificate)
    try:
        server.start()
        lay_down(tmp_path, school, _live(tmp_path, server, READER, SERVICE_PASSWORD), SUFFIX)
        judge(school, tmp_path)
    finally:
        server.stop()


@pytest.mark.servers
@pytest.mark.parametrize(
    "habits",
    [Habits("samba", "initial_surname", code="{:06d}", year_ou="OU=Class of {cohort}")],
    ids=lambda habits: habits.method,
)
def test_samba(tmp_path: Path, authority: Authority, habits: Habits) -> None:
    """A Samba domain, over ldaps; the account may see what was deleted."""
    binaries.needed("samba", "samba-tool", "openssl")
    school = seeded_school(habits, 300, 3)
    server = Samba(authority, samba_wish(school, "svc-generated", SERVICE_PASSWORD))
    try:
        server.start()
        lay_down(tmp_path, school, _live(tmp_path, server, "administrator@school.test", ADMIN_PASSWORD), BASE)
        judge(school, tmp_path)
    finally:
        server.stop()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
@pytest.mark.parametrize("habits", AD_SCHOOLS, ids=lambda habits: habits.method)
def test_many_schools(tmp_path: Path, habits: Habits, seed: int) -> None:
    """The same over forty schools of each kind, of all sizes."""
    school = seeded_school(habits, 60 + 13 * (seed - 100), seed)
    text = active_directory_ldif(school, DOMAIN, signs_in=seed % 2 == 0)
    (tmp_path / "ad.ldif").write_text(text, encoding="utf-8")
    lay_down(tmp_path, school, 'url = "ldif:ad.ldif"', DOMAIN, 'upn_suffixes = ["school.test"]')
    judge(school, tmp_path)
