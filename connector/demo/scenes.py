"""What can be wrong between SIS, TrackOne and directory: one small scene each, told of some student."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple
from unicodedata import normalize

from connector.demo.ldif import (
    DISABLED,
    LOCKED_NOW,
    NO_PASSWORD_NEEDED,
    NORMAL,
    OLD_DOMAIN,
    PASSWORD_EXPIRED,
    SUFFIX,
    Entry,
)
from connector.demo.names import letters
from connector.demo.people import JUNIOR, LOGIN_LENGTH, SENIOR, Draw, Person
from connector.demo.records import LEAVERS, STUDENTS, Record, year_folder
from connector.domain.account import Account

LONG_AGO = datetime(2025, 6, 18, 4, 0, tzinfo=UTC)
THIS_MORNING = datetime(2026, 3, 10, 22, 40, tzinfo=UTC)
FORMER = "Marlowe"
EXTRA = 5_000_000
"""Added to a student's number for a second entry of theirs."""


class Scene(NamedTuple):
    """Something that happens to `per_mille` of the students, at least to one of those it `fits`.

    `happens` tells it of the n-th of them.
    """

    per_mille: float
    fits: Callable[[Record], bool]
    happens: Callable[[Record, int], Record]


def tell(records: Iterable[Record], draw: Draw, size: int) -> list[Record]:
    """The records with every scene told of students drawn by lot, one a student; `size` is how many are enrolled.

    Raises ValueError when a scene finds nobody.
    """
    told = list(records)
    lots = sorted(range(len(told)), key=[draw() for _ in told].__getitem__)
    for scene in SCENES:
        fitting = [at for at in lots if scene.fits(told[at])][: max(1, round(size * scene.per_mille / 1000))]
        if not fitting:
            raise ValueError(f"nobody is left for {scene.happens.__name__}")
        for n, at in enumerate(fitting):
            told[at] = scene.happens(told[at], n)
        gone = set(fitting)
        lots = [at for at in lots if at not in gone]
    return told


def _entry(record: Record) -> Entry:
    assert record.entry is not None  # noqa: S101 - scenes are told of students who have one
    return record.entry


def _account(record: Record) -> Account:
    assert record.account is not None  # noqa: S101 - told only of those who have one
    return record.account


def _anybody(_: Record) -> bool:
    return True


def _known(record: Record) -> bool:
    return record.account is not None


def _named(record: Record) -> bool:
    return "." in record.person.full and not record.namesake


def _renameable(record: Record) -> bool:
    return _known(record) and record.alone and len(record.login) + len(FORMER) <= LOGIN_LENGTH


def _accented(record: Record) -> bool:
    accented = _with_accents(record.person)
    return letters(accented) == record.login != accented.casefold()


def _short(record: Record) -> bool:
    return _named(record) and len(record.person.full) <= LOGIN_LENGTH


def _long(record: Record) -> bool:
    return _named(record) and len(record.person.full) > LOGIN_LENGTH


def _not_longest(record: Record) -> bool:
    return len(record.login) < LOGIN_LENGTH


def _above_prep(record: Record) -> bool:
    return record.person.year > 0


def _with_accents(person: Person) -> str:
    family = "".join(c for c in normalize("NFC", person.family.lower()) if letters(c))
    return person.initial + family


# -- does the username equal the login? -------------------------------------------------------------------


def case_differs(record: Record, _: int) -> Record:
    """The network writes ASmith."""
    login = f"{record.login[0].upper()}{record.login[1:].capitalize()}"
    return record._replace(entry=_entry(record).signing_in_as(login)).found("case-differs")


def fold_differs(record: Record, _: int) -> Record:
    """The network kept the accents."""
    entry = _entry(record).signing_in_as(_with_accents(record.person))
    return record._replace(entry=entry).found("fold-differs")


def whitespace_differs(record: Record, _: int) -> Record:
    """A blank was pasted along with the login."""
    entry = _entry(record)._replace(login=f"{record.login} ", upn="")
    return record._replace(entry=entry).found("whitespace-differs")


def username_differs(record: Record, _: int) -> Record:
    """The network uses the given name and the surname for this one."""
    entry = _entry(record).signing_in_as(record.person.full)
    return record._replace(entry=entry).found("username-differs")


def login_too_long(record: Record, _: int) -> Record:
    """The same, with more characters than Windows takes everywhere."""
    entry = _entry(record).signing_in_as(record.person.full)
    return record._replace(entry=entry).found("username-differs", "login-too-long")


def forbidden_characters(record: Record, _: int) -> Record:
    """A plus sign, which old programs stumble over."""
    entry = _entry(record).signing_in_as(f"{record.login[0]}+{record.login[1:]}"[:LOGIN_LENGTH])
    return record._replace(entry=entry).found("username-differs", "login-has-forbidden-characters")


def name_only(record: Record, _: int) -> Record:
    """An entry of that name has another login and nobody's code."""
    entry = _entry(record)._replace(key="").signing_in_as(record.person.full)
    return record._replace(entry=entry).found("matched-by-name-only")


def missing(record: Record, _: int) -> Record:
    """Nobody made a login."""
    return record._replace(entry=None).found("missing-in-directory")


def deleted(record: Record, _: int) -> Record:
    """Somebody deleted the login."""
    return record._replace(entry=_entry(record)._replace(deleted=True)).found("deleted-in-directory")


def key_missing(record: Record, _: int) -> Record:
    """The right login, without the code that would prove it."""
    return record._replace(entry=_entry(record)._replace(key="")).found("key-missing")


# -- can the login be used? -------------------------------------------------------------------------------


def disabled(record: Record, _: int) -> Record:
    """Switched off, though the student is here."""
    return record._replace(entry=_entry(record)._replace(control=NORMAL | DISABLED)).found("disabled")


def locked(record: Record, _: int) -> Record:
    """Too many wrong passwords this morning."""
    entry = _entry(record)._replace(locked_at=THIS_MORNING, computed=LOCKED_NOW)
    return record._replace(entry=entry).found("locked")


def expired(record: Record, _: int) -> Record:
    """An exchange student's login that ended too early."""
    return record._replace(entry=_entry(record)._replace(expires=date(2026, 2, 20))).found("expired")


def expires_soon(record: Record, _: int) -> Record:
    """A login that ends next week."""
    return record._replace(entry=_entry(record)._replace(expires=date(2026, 3, 18))).found("expires-soon")


def password_expired(record: Record, n: int) -> Record:
    """The password must be changed: it is too old, or the help desk has set it."""
    entry = _entry(record)._replace(computed=PASSWORD_EXPIRED)
    entry = entry._replace(password_set=None, computed=0) if n % 2 else entry
    return record._replace(entry=entry).found("password-expired")


def password_not_required(record: Record, _: int) -> Record:
    """A login that works with an empty password."""
    entry = _entry(record)._replace(control=NORMAL | NO_PASSWORD_NEEDED)
    return record._replace(entry=entry).found("password-not-required")


def stale(record: Record, _: int) -> Record:
    """Nobody has signed in since last winter."""
    return record._replace(entry=_entry(record)._replace(last_sign_in=LONG_AGO)).found("stale-login")


# -- is the rest in order? --------------------------------------------------------------------------------


def wrong_year(record: Record, _: int) -> Record:
    """Left behind at the rollover, in last year's folder."""
    entry = _entry(record)._replace(folder=year_folder(record.person.year - 1))
    return record._replace(entry=entry).found("wrong-year-ou")


def among_leavers(record: Record, _: int) -> Record:
    """Filed with those who left."""
    return record._replace(entry=_entry(record)._replace(folder=LEAVERS)).found("leavers-ou-but-active")


def mail_differs(record: Record, _: int) -> Record:
    """The directory has an address in the old style."""
    entry = _entry(record)._replace(mail=f"{record.person.full}@{SUFFIX}")
    return record._replace(entry=entry).found("mail-differs")


def upn_differs(record: Record, _: int) -> Record:
    """Signs in to the cloud by another name than to the network."""
    entry = _entry(record)._replace(upn=f"{record.person.full}@{SUFFIX}")
    return record._replace(entry=entry).found("upn-differs")


def duplicate_key(record: Record, _: int) -> Record:
    """A second login for exams, with the same code."""
    entry = _entry(record)
    login = f"x{record.person.code.lstrip('0')}"
    second = entry._replace(name=f"{entry.name} (exams)", number=entry.number + EXTRA).signing_in_as(login)
    return record._replace(others=(*record.others, second)).found("duplicate-key-in-directory")


def duplicate_login(record: Record, _: int) -> Record:
    """The junior campus had a domain of its own, and this login was left there."""
    entry = _entry(record)
    second = entry._replace(key="", folder=STUDENTS, domain=OLD_DOMAIN, number=entry.number + EXTRA, groups=())
    second = second._replace(upn=f"{record.login}@junior.{SUFFIX}")
    return record._replace(others=(*record.others, second)).found("duplicate-username")


# -- what a sync will change ------------------------------------------------------------------------------


def renamed(record: Record, _: int) -> Record:
    """A double name became a single one; the network follows already."""
    account = _account(record)
    family = f"{record.person.family}-{FORMER}"
    username = record.login + letters(FORMER)
    former = account._replace(username=username, family_name=family, email=f"{username}@{SUFFIX}")
    return record._replace(account=former, action="rename")


def rename_breaks(record: Record, _: int) -> Record:
    """The same, but the network still has the old login."""
    former = _account(renamed(record, 0))
    entry = _entry(record).signing_in_as(former.username)._replace(mail=former.email)
    changed = record._replace(account=former, entry=entry, email=former.email, login=former.username)
    return changed._replace(action="update").found("rename-breaks-login")


def updated(record: Record, n: int) -> Record:
    """Something small changed since TrackOne was last filled."""
    person, account = record.person, _account(record)
    before = (
        account._replace(year_level=str(person.year - 1 or "P")),
        account._replace(email=f"{person.code}@{SUFFIX}"),
        account._replace(given_names=f"{account.given_names} {person.middle or 'Jay'}".strip()),
        account._replace(campus=JUNIOR if person.campus == SENIOR else SENIOR),
    )[n % 4]
    return record._replace(account=before, action="update")


SCENES = (
    Scene(2.0, _accented, fold_differs),
    Scene(1.0, _long, login_too_long),
    Scene(5.0, _renameable, renamed),
    Scene(2.0, _renameable, rename_breaks),
    Scene(6.0, _short, username_differs),
    Scene(4.0, _short, name_only),
    Scene(40.0, _known, updated),
    Scene(4.0, _named, mail_differs),
    Scene(3.0, _named, upn_differs),
    Scene(10.0, _above_prep, wrong_year),
    Scene(8.0, _named, case_differs),
    Scene(3.0, _not_longest, whitespace_differs),
    Scene(1.0, _named, forbidden_characters),
    Scene(9.0, _anybody, missing),
    Scene(2.0, _anybody, deleted),
    Scene(4.0, _named, key_missing),
    Scene(5.0, _anybody, disabled),
    Scene(3.0, _anybody, locked),
    Scene(2.0, _anybody, expired),
    Scene(3.0, _anybody, expires_soon),
    Scene(8.0, _anybody, password_expired),
    Scene(2.0, _anybody, password_not_required),
    Scene(6.0, _anybody, stale),
    Scene(2.0, _anybody, among_leavers),
    Scene(1.0, _anybody, duplicate_key),
    Scene(1.0, _named, duplicate_login),
)
"""Those that few students fit come first."""
