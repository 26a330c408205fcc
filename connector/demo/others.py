"""The accounts that are no student's: staff, services, rooms, and the containers of the directory."""

from collections.abc import Iterator

from connector.demo import ldif
from connector.demo.ldif import SUFFIX, Entry
from connector.demo.oneroster import Teacher
from connector.demo.records import GROUPS, LEAVERS, STUDENTS, year_folder
from connector.domain.account import Account, UserType

STAFF = "OU=Staff"
SERVICE = "OU=Service Accounts"
BUILT_IN = "CN=Users"
YEARS = range(13)
ROOMS = ("kiosk-library", "exam-room-1")
"""Logins among the students' that belong to a room, not to a person."""

# Numbers of entries, apart from those of the students.
STAFF_FROM, BUILT_IN_FROM, SERVICE_FROM, ROOMS_FROM = 2_000_000, 3_000_000, 3_000_100, 3_000_200


def staff_account(teacher: Teacher) -> Account:
    """The TrackOne account of a member of staff."""
    return Account(
        username=teacher.login,
        sis_code=teacher.code,
        user_type=UserType.STAFF,
        family_name=teacher.family,
        given_names=teacher.given,
        email=f"{teacher.login}@{SUFFIX}",
        roles=("Teacher Security",),
    )


def staff_entry(teacher: Teacher, place: int) -> Entry:
    """The directory's entry of a member of staff, the `place`-th of them."""
    return Entry(
        name=f"{teacher.given} {teacher.family} {teacher.code}",
        folder=STAFF,
        login=teacher.login,
        number=STAFF_FROM + place,
        key=teacher.code,
        given=teacher.given,
        family=teacher.family,
        upn=f"{teacher.login}@{SUFFIX}",
        mail=f"{teacher.login}@{SUFFIX}",
    )


def nobodys_entries() -> Iterator[Entry]:
    """Windows' own accounts, those of services, and those of rooms."""
    yield Entry("Administrator", BUILT_IN, "Administrator", BUILT_IN_FROM)
    for number, login in enumerate(("Guest", "krbtgt"), BUILT_IN_FROM + 1):
        yield Entry(login, BUILT_IN, login, number, control=ldif.NORMAL | ldif.DISABLED)
    for number, login in enumerate(("svc-trackone", "svc-print", "svc-backup"), SERVICE_FROM):
        yield Entry(login, SERVICE, login, number, upn=f"{login}@{SUFFIX}")
    for number, login in enumerate(ROOMS, ROOMS_FROM):
        yield Entry(login, STUDENTS, login, number, upn=f"{login}@{SUFFIX}")


def folders() -> list[str]:
    """The organisational units, each after the one it lies in."""
    return [STUDENTS, *map(year_folder, YEARS), LEAVERS, STAFF, SERVICE, GROUPS]


def groups() -> list[str]:
    """The group of each year level."""
    return [f"CN=Year {year or 'P'} Students,{GROUPS}" for year in YEARS]
