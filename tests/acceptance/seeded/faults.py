"""What may be wrong with one student: each fault changes a healthy case and says what must then be found."""

# ruff: noqa: ARG001 - every fault is called alike

from collections.abc import Callable

from tests.acceptance.seeded.pupils import ELSEWHERE
from tests.acceptance.seeded.school import Account, Case, Entry, Found, School, copied, home

Fault = Callable[[Case, School], bool]
"""Changes the case; False where it does not fit this student or this kind of directory."""

LEAVERS = ("Leavers", "School")


def case_differs(case: Case, school: School) -> bool:
    """The network writes the login in capitals."""
    other = case.username.swapcase()
    case.entry.login = other
    case.found("case-differs")
    return other != case.username


def whitespace_differs(case: Case, school: School) -> bool:
    """A blank came into the login; Samba takes none."""
    case.entry.login, case.entry.upn = f"{case.username} ", f"{case.username}@school.test"
    case.found("whitespace-differs")
    return school.habits.kind == "ad"


def fold_differs(case: Case, school: School) -> bool:
    """The network's login has an accent."""
    case.entry.login = case.username.replace("a", "á").replace("S", "Š")
    case.found("fold-differs")
    return case.account is not None and case.entry.login != case.username


def username_differs(case: Case, school: School) -> bool:
    """The network gave another login."""
    case.entry.login = f"x{case.username[:12]}9"
    case.found("username-differs")
    return case.account is not None or school.habits.method != "initial_surname"


def no_login(case: Case, school: School) -> bool:
    """The entry carries the code but has no login."""
    case.entry.login, case.entry.upn = "", ""
    case.found("username-differs")
    return school.habits.kind == "openldap"


def taken_by_staff(case: Case, school: School) -> bool:
    """The username is the login of a teacher whose entry carries a staff number, which is nobody's here."""
    case.entry.login = f"y{case.username[:12]}8"
    _another(case, school, f"T{case.pupil.code}")
    school.extra.append(Found("orphan-in-directory", f"T{case.pupil.code}"))
    case.found("login-belongs-to-another")
    return case.account is not None


def taken_and_none_of_their_own(case: Case, school: School) -> bool:
    """The username is the login of somebody else's entry, and the student has none."""
    case.entries.clear()
    _another(case, school, f"T{case.pupil.code}")
    school.extra.append(Found("orphan-in-directory", f"T{case.pupil.code}"))
    case.found("login-belongs-to-another")
    return case.account is not None


def _another(case: Case, school: School, key: str) -> None:
    place = (*(("Staff rooms",) if school.habits.split else ()), "Staff", "Students", "School")
    school.others.append(
        Entry(f"Other {case.pupil.code}", place, case.username, key, "Wilhelmina", "Quartermaine", "w@school.test")
    )


def key_missing(case: Case, school: School) -> bool:
    """The entry carries no code; its login and name are the student's."""
    case.entry.key = ""
    case.found("key-missing")
    return True


def same_login_other_name(case: Case, school: School) -> bool:
    """An entry without a code has the login, and a name that does not fit."""
    case.entry.key, case.entry.given, case.entry.family = "", "Exam", "Account"
    case.found("matched-by-name-only")
    return True


def same_name_other_login(case: Case, school: School) -> bool:
    """An entry without a code has the name, and another login."""
    case.entry.key, case.entry.login = "", f"z{case.username[:12]}7"
    case.found("matched-by-name-only")
    return True


def missing(case: Case, school: School) -> bool:
    """The network has nobody."""
    case.entries.clear()
    case.found("missing-in-directory")
    return True


def deleted(case: Case, school: School) -> bool:
    """The network account was deleted."""
    case.entry.states = ("deleted",)
    case.found("deleted-in-directory")
    return school.habits.active_directory


def deleted_and_made_anew(case: Case, school: School) -> bool:
    """The network account was deleted, and there is a new one; nothing is wrong."""
    case.entries.append(copied(case.entry, states=("deleted",), name=f"{case.entry.name} old"))
    return school.habits.kind == "ad"


def no_letter(case: Case, school: School) -> bool:
    """A name in another script, of which no username can be made."""
    case.pupil.given, case.pupil.family = ELSEWHERE[int(case.pupil.code[-1]) % len(ELSEWHERE)]
    case.entry.given, case.entry.family = case.pupil.given, case.pupil.family
    case.pupil.preferred = ""
    case.found("no-username")
    return school.habits.method == "initial_surname" and case.account is None


def no_login_in_the_sis(case: Case, school: School) -> bool:
    """The SIS does not tell the login."""
    case.pupil.login = case.pupil.email = ""
    case.found("no-username")
    return school.habits.method == "network_login" and case.account is None


def name_of_staff(case: Case, school: School) -> bool:
    """A teacher's TrackOne account has the name that the student would get, but for case."""
    school.accounts.append(
        Account(case.username.upper(), f"T{case.pupil.code}", "Staff", "Wilhelmina", "Quartermaine")
    )
    case.found("no-username", "proposed-username-collides")
    return school.habits.method != "initial_surname" and case.account is None


def login_of_somebody_known(case: Case, school: School) -> bool:
    """The network login of somebody who comes next term is the name that the student would get."""
    other = school.cases[school.cases.index(case) - 1]
    if other.truth or other.account is not None or not other.here or case.account is not None:
        return False
    other.pupil.status, other.here = "future", False
    other.entry.login, case.entry.login = case.username, f"q{case.username[:12]}5"
    case.found("no-username", "proposed-username-collides")
    return True


def state(code: str, *words: str) -> Fault:
    """The network account is in such a state."""

    def fault(case: Case, school: School) -> bool:
        case.entry.states = words
        case.found(code)
        return not (words == ("no-password",) and not school.habits.active_directory)

    return fault


def several(case: Case, school: School) -> bool:
    """Disabled, in a wrong unit, with another address: each is told."""
    case.entry.states, case.entry.mail = ("disabled",), "old@students.example"
    case.entry.place = home(case.pupil, school.habits, years=-1)
    case.found("disabled", "wrong-year-ou", "mail-differs")
    return case.pupil.year > 1


def off_by_a_year(years: int) -> Fault:
    """The account lies with another year."""

    def fault(case: Case, school: School) -> bool:
        case.entry.place = home(case.pupil, school.habits, years=years)
        case.found("wrong-year-ou")
        return 1 <= case.pupil.year + years <= 12

    return fault


def in_no_year(case: Case, school: School) -> bool:
    """The account lies in a unit that is no year's."""
    case.entry.place = ("Office", "Students", "School")
    case.found("wrong-year-ou")
    return True


def deeper(case: Case, school: School) -> bool:
    """The account lies in a class below its year's unit; nothing is wrong."""
    case.entry.place = ("7A", *home(case.pupil, school.habits))
    return True


def among_leavers(case: Case, school: School) -> bool:
    """The account lies among those who left."""
    case.entry.place = ("2025", *LEAVERS)
    case.found("leavers-ou-but-active")
    return True


def mail_differs(case: Case, school: School) -> bool:
    """The network has another address."""
    case.entry.mail = f"{case.username.lower()}@old.example"
    case.found("mail-differs")
    return True


def mail_in_capitals(case: Case, school: School) -> bool:
    """The network writes the address in capitals, or has none; nothing is wrong."""
    case.entry.mail = case.entry.mail.upper() if case.pupil.year % 2 else ""
    return True


def upn_differs(case: Case, school: School) -> bool:
    """Signs in to the cloud by another name."""
    case.entry.upn = f"other.{case.username}@school.test"
    case.found("upn-differs")
    return school.habits.active_directory


def foreign_suffix(case: Case, school: School) -> bool:
    """The UPN has a suffix that is not the school's."""
    case.entry.upn = f"{case.username}@gone.test"
    case.found("upn-differs")
    return school.habits.active_directory


def two_entries(case: Case, school: School) -> bool:
    """Two entries carry the code, one of them with the username."""
    case.entries.append(
        copied(case.entry, name=f"{case.entry.name} exams", login=f"e{case.username[:12]}", key=f" {case.entry.key}")
    )
    case.found("duplicate-key-in-directory")
    return True


def two_rows(case: Case, school: School) -> bool:
    """Two rows of the SIS carry the code."""
    case.rows, case.here = 2, False
    case.found("duplicate-key-in-sis")
    return True


def long_username(case: Case, school: School) -> bool:
    """TrackOne has a name longer than the network can have."""
    if case.account is None:
        return False
    case.account.username = f"{case.username}.of-the-long-name"[:28]
    case.found("username-differs", "login-too-long")
    return school.habits.active_directory and len(case.account.username) > 20


def forbidden_sign(case: Case, school: School) -> bool:
    """TrackOne has a name with a sign that Active Directory refuses."""
    if case.account is None:
        return False
    case.account.username = f"{case.username[:15]}+b"
    case.found("username-differs", "login-has-forbidden-characters")
    return school.habits.active_directory


def shared_login(case: Case, school: School) -> bool:
    """Another branch of the directory has the login too."""
    case.entries.append(copied(case.entry, key="", place=("Old", "Students", "School"), upn=""))
    case.found("duplicate-username")
    school.extra.append(Found("orphan-in-directory", case.username))
    return school.habits.kind != "samba"


def left(case: Case, school: School) -> bool:
    """Left the school; the network account is enabled."""
    case.pupil.status, case.here = ("left", "inactive")[case.pupil.year % 2], False
    case.found("left-but-enabled")
    return True


def left_key_in_capitals(case: Case, school: School) -> bool:
    """The same, with the code written another way in the directory."""
    case.entry.key = f" {case.entry.key.lower()}"
    return left(case, school)


def archived(case: Case, school: School) -> bool:
    """Archived in TrackOne, unknown to the SIS; the network account is enabled."""
    if case.account is None:
        return False
    case.account.archived, case.rows, case.here = True, 0, False
    case.found("left-but-enabled")
    return True


def left_and_disabled(case: Case, school: School) -> bool:
    """Left the school, and the network account is disabled; nothing is wrong."""
    case.pupil.status, case.here, case.entry.states = "left", False, ("disabled",)
    return True


def to_come(case: Case, school: School) -> bool:
    """Comes next term; the network account is there already; nothing is wrong."""
    case.pupil.status, case.here, case.account = "future", False, None
    return True


def unknown(case: Case, school: School) -> bool:
    """Nobody knows the code that the entry carries."""
    case.account, case.rows, case.here = None, 0, False
    case.found("orphan-in-directory")
    return True


def one_address(case: Case, school: School) -> bool:
    """The same e-mail as the student before; told of both."""
    other = school.cases[school.cases.index(case) - 1]
    if other.truth or case.account is None or other.account is None or not other.here:
        return False
    case.pupil.email = case.account.email = case.entry.mail = other.pupil.email
    case.found("duplicate-email")
    other.found("duplicate-email")
    return True


def key_otherwise(case: Case, school: School) -> bool:
    """The directory writes the code with blanks and in small letters; nothing is wrong."""
    case.entry.key = f" {case.entry.key.lower()} "
    return True


def year_otherwise(case: Case, school: School) -> bool:
    """The SIS writes the year level in words; nothing is wrong."""
    case.pupil.year_word = f"Year {case.pupil.year:02d}"
    return True


FAULTS: tuple[Fault, ...] = (
    *(case_differs, whitespace_differs, fold_differs, username_differs, no_login, taken_by_staff),
    *(taken_and_none_of_their_own, key_missing, same_login_other_name, same_name_other_login, missing, deleted),
    *(
        no_letter,
        no_login_in_the_sis,
        name_of_staff,
        login_of_somebody_known,
        several,
        off_by_a_year(-1),
        off_by_a_year(1),
        in_no_year,
    ),
    *(among_leavers, mail_differs, upn_differs, foreign_suffix, two_entries, two_rows, long_username),
    *(forbidden_sign, shared_login, left, left_key_in_capitals, archived, unknown, one_address),
    *(state("disabled", "disabled"), state("locked", "locked"), state("expired", "expired")),
    *(state("expires-soon", "expires-soon"), state("password-expired", "must-change")),
    *(state("password-not-required", "no-password"), state("stale-login", "stale")),
)
HARMLESS: tuple[Fault, ...] = (
    *(deleted_and_made_anew, deeper, mail_in_capitals, left_and_disabled, to_come, key_otherwise, year_otherwise),
)

OF_THE_ENTRY: tuple[Fault, ...] = (
    *(mail_differs, mail_in_capitals, off_by_a_year(1), among_leavers, upn_differs),
    *(state("disabled", "disabled"), state("locked", "locked"), state("password-expired", "must-change")),
)
"""What may be wrong beside something else, as long as the entry is surely the student's."""
SURELY_THEIRS = frozenset(("case-differs", "fold-differs", "username-differs", "key-missing"))
