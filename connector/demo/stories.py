"""What happens to the people of the cast, and to those who left, will come or are gone from the SIS."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from connector.demo.ldif import DISABLED, NORMAL, SUFFIX, Entry
from connector.demo.people import SENIOR
from connector.demo.records import LEAVERS, Record, account_of
from connector.domain.account import Account

LAST_YEAR = datetime(2025, 12, 10, 3, 20, tzinfo=UTC)


def tell(record: Record) -> Record:
    """The record after the story of its person; ordinary people have none."""
    story = STORIES.get(record.person.story)
    return story(record) if story else record


def _entry(record: Record) -> Entry:
    assert record.entry is not None  # noqa: S101 - everybody here starts with an entry
    return record.entry


def _account(record: Record) -> Account:
    assert record.account is not None  # noqa: S101 - everybody here was in TrackOne before
    return record.account


# -- the cast ---------------------------------------------------------------------------------------------


def no_username(record: Record) -> Record:
    """A new student whose name is in another script; IT made the login from the code."""
    return record._replace(action="", skip="non-latin-name").found("no-username")


def swapped(record: Record) -> Record:
    """Two namesakes: each has the account name that is the other's login."""
    other = {"mnguyen": "mnguyen2", "mnguyen2": "mnguyen"}[record.login]
    return record._replace(account=_account(record)._replace(username=other)).found("login-belongs-to-another")


def linked_by_directory(record: Record) -> Record:
    """An account was made by hand, without a code; the directory proves whose it is."""
    by_hand = account_of(record.person, record.login, record.email)._replace(sis_code="")
    return record._replace(account=by_hand, action="update")


def username_taken(record: Record) -> Record:
    """An account was made by hand, and nothing proves that it is this student's."""
    changed = linked_by_directory(record)._replace(action="", skip="username-taken")
    changed = changed._replace(entry=_entry(record)._replace(key=""))
    return changed.found("no-username", "proposed-username-collides")


def login_reissued(record: Record) -> Record:
    """The directory gave the login of somebody who left to a new student."""
    former = account_of(record.person, record.login, record.email)
    former = former._replace(sis_code="0000917", given_names="Eleanor", archived=True)
    changed = record._replace(account=former, action="", skip="username-taken")
    return changed.found("no-username", "proposed-username-collides")


def family_email(record: Record) -> Record:
    """The family gave one address for both children."""
    email = f"{record.person.family.lower()}.family@{SUFFIX}"
    account, entry = _account(record)._replace(email=email), _entry(record)._replace(mail=email)
    return record._replace(email=email, account=account, entry=entry).found("duplicate-email")


def returned(record: Record) -> Record:
    """Somebody who left and came back; a person archived the old account, so no sync restores it."""
    account = account_of(record.person, record.login, record.email)._replace(archived=True, year_level="7")
    return record._replace(account=account, action="").found("no-username", "held-inactive-by-person")


# -- those who are not in school --------------------------------------------------------------------------


def left(record: Record) -> Record:
    """Left at the end of last year; the network has followed, TrackOne has not."""
    return record._replace(entry=_filed_away(_entry(record)), action="archive")


def left_enabled(record: Record) -> Record:
    """Left at the end of last year, and nobody has switched the login off."""
    return record._replace(action="archive").found("left-but-enabled")


def left_before(record: Record) -> Record:
    """Left, and archived by hand in TrackOne already."""
    return left(record)._replace(account=_account(record)._replace(archived=True), action="")


def left_unnoticed(record: Record) -> Record:
    """Left without ever having had an account."""
    return left(record)._replace(account=None, action="", skip="not-active")


def future(record: Record) -> Record:
    """Starts next term; nothing is prepared yet."""
    return record._replace(account=None, entry=None, action="", skip="not-active")


def gone(record: Record) -> Record:
    """Left so long ago that the SIS export no longer has them; the archived account keeps its name."""
    account = _account(record)._replace(archived=True, year_level="12", campus=SENIOR)
    return record._replace(account=account, entry=None, action="", listed=False)


def gone_enabled(record: Record) -> Record:
    """The same, but the login still works."""
    return gone(record)._replace(entry=_entry(record)).found("left-but-enabled")


def forgotten(record: Record) -> Record:
    """A login whose code neither the SIS nor TrackOne knows any more."""
    return record._replace(account=None, entry=_filed_away(_entry(record)), action="", listed=False)


def _filed_away(entry: Entry) -> Entry:
    return entry._replace(folder=LEAVERS, control=NORMAL | DISABLED, last_sign_in=LAST_YEAR)


STORIES: Mapping[str, Callable[[Record], Record]] = {
    story.__name__.replace("_", "-"): story
    for story in (
        no_username,
        swapped,
        linked_by_directory,
        username_taken,
        login_reissued,
        family_email,
        returned,
        left,
        left_enabled,
        left_before,
        left_unnoticed,
        future,
        gone,
        gone_enabled,
        forgotten,
    )
}
"""Every story by the name that people carry in `Person.story`; `clean` has none to tell."""
