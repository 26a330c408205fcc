"""What every code and mark means, in words for people who keep a school running, and who can put it right."""

from enum import StrEnum
from typing import NamedTuple

from connector.domain.finding import Severity
from connector.domain.plan import Action


class Who(StrEnum):
    """Who can put a finding right."""

    OFFICE = "school office"
    NETWORK = "network administrator"
    TRACKONE = "TrackOne administrator"
    NOBODY = ""

    @property
    def heading(self) -> str:
        """With a capital, as it stands in a table."""
        return self.value[:1].upper() + self.value[1:]


class Meaning(NamedTuple):
    """A code in words: a heading, what it means for the student, who acts on it, and what they do.

    `field` names the SIS field the office looks at; empty where the SIS is not at fault.
    """

    title: str
    means: str
    who: Who = Who.NOBODY
    todo: str = ""
    field: str = ""


MARKS = dict(zip(Action, "+▲→□↻×", strict=True))
TONES = {
    Action.CREATE: "ok",
    Action.UPDATE: "info",
    Action.RENAME: "warn",
    Action.ARCHIVE: "muted",
    Action.RESTORE: "ok",
    Action.REMOVE: "bad",
}
"""The colour of each kind of change: ok, info, warn, bad or muted; its mark says the same."""
UNCHANGED = "·"
REFUSED = "!"
SEVERITY_MARKS = {Severity.ERROR: "■", Severity.WARNING: "◆", Severity.INFO: "●"}
SEVERITY_TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.INFO: "info"}
SEVERITY_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}

LABELS = {
    "username": "User Name",
    "sis_code": "SIS Code",
    "user_type": "User Type",
    "family_name": "Family Name",
    "given_names": "Given Names",
    "email": "Email",
    "roles": "Roles",
    "approved": "Approved",
    "locked_out": "Locked Out",
    "override_network_authentication": "Override Network Authentication",
    "archived": "Archived",
    "year_level": "Year",
    "campus": "Campus",
    "external_id": "External ID",
    "external_ids": "External IDs",
}
"""The columns of TrackOne's users table by their export keys."""

_OFFICE, _NETWORK, _TRACKONE = Who.OFFICE, Who.NETWORK, Who.TRACKONE

FINDINGS = {
    "login-belongs-to-another": Meaning(
        "Username is another person's login",
        "Whoever owns that login could sign in as this student.",
        _TRACKONE,
        "Give the student another username before they sign in.",
    ),
    "username-differs": Meaning(
        "Username is not the network login",
        "The student signs in to the network with another name than to TrackOne.",
        _TRACKONE,
        "Rename the account to the network login.",
    ),
    "missing-in-directory": Meaning(
        "No network login found",
        "No entry of the directory carries this student's SIS code or username.",
        _NETWORK,
        "Create the login, or write the SIS code on the one that is there.",
    ),
    "deleted-in-directory": Meaning(
        "Network login was deleted",
        "The directory still remembers the login, but it is deleted.",
        _NETWORK,
        "Restore the login if the student is here.",
    ),
    "no-username": Meaning(
        "No username can be made",
        "A field that the username is made of is empty or cannot be used.",
        _OFFICE,
        "Fill in the field.",
        "Names, e-mail or login",
    ),
    "duplicate-key-in-directory": Meaning(
        "Two logins carry one SIS code",
        "It is not certain which of the logins is the student's.",
        _NETWORK,
        "Leave the SIS code on one of the logins.",
    ),
    "duplicate-key-in-sis": Meaning(
        "Two students share one SIS code",
        "Neither gets an account until it is clear who is who.",
        _OFFICE,
        "Give each student a code of their own.",
        "SIS code",
    ),
    "duplicate-username": Meaning(
        "Username is held twice",
        "Two accounts would answer to the same name.",
        _TRACKONE,
        "Rename one of the accounts.",
    ),
    "duplicate-email": Meaning(
        "E-mail address is shared",
        "Two students have the same e-mail address.",
        _OFFICE,
        "Give each student an address of their own.",
        "E-mail",
    ),
    "proposed-username-collides": Meaning(
        "Proposed username is taken",
        "The name mapping proposes is held by somebody else.",
        _TRACKONE,
        "Choose another way of making usernames, or rename by hand.",
    ),
    "login-too-long": Meaning(
        "Login is too long",
        "A network login may have 20 characters.",
        _NETWORK,
        "Shorten the login.",
    ),
    "login-has-forbidden-characters": Meaning(
        "Login has signs that are not allowed",
        "The network may refuse a login with these signs.",
        _NETWORK,
        "Take the signs out of the login.",
    ),
    "incomplete-read": Meaning(
        "Not everything was read",
        "Nobody is judged by being absent from this reading.",
        _TRACKONE,
        "Read again once the cause is gone.",
    ),
    "suspicious-shrink": Meaning(
        "Far fewer people than last time",
        "A cut or filtered export looks like this.",
        _TRACKONE,
        "Check the export before anything is applied.",
    ),
    "whitespace-differs": Meaning(
        "Login differs by a blank",
        "A stray blank stands before or after the login.",
        _NETWORK,
        "Take the blank out of the login.",
    ),
    "fold-differs": Meaning(
        "Login differs by an accent",
        "The names look alike but are not equal, so signing in may fail.",
        _TRACKONE,
        "Rename the account to the network login.",
    ),
    "matched-by-name-only": Meaning(
        "Login looks right, but carries no SIS code",
        "A guess: the names agree, nothing else proves it.",
        _NETWORK,
        "Write the SIS code on the login if it is this student's.",
    ),
    "disabled": Meaning(
        "Login is disabled",
        "The student is here but cannot sign in to the network.",
        _NETWORK,
        "Enable the login.",
    ),
    "locked": Meaning(
        "Login is locked",
        "Too many wrong passwords locked the login.",
        _NETWORK,
        "Unlock the login.",
    ),
    "expired": Meaning(
        "Login has expired",
        "The login's last day has passed.",
        _NETWORK,
        "Set a later last day.",
    ),
    "password-expired": Meaning(
        "Password has expired",
        "The student must set a new password first.",
        _NETWORK,
        "Reset the password.",
    ),
    "password-not-required": Meaning(
        "Login needs no password",
        "Anybody could sign in with this login.",
        _NETWORK,
        "Require a password.",
    ),
    "leavers-ou-but-active": Meaning(
        "Among the leavers, but still here",
        "The login lies with the leavers while the SIS says the student is here.",
        _NETWORK,
        "Move the login back.",
    ),
    "left-but-enabled": Meaning(
        "Has left, but can still sign in",
        "The student has left and the login is still enabled.",
        _NETWORK,
        "Disable the login.",
    ),
    "key-missing": Meaning(
        "Login carries no SIS code",
        "The link to the student rests on the name alone.",
        _NETWORK,
        "Write the SIS code on the login.",
    ),
    "upn-differs": Meaning(
        "Sign-in address differs",
        "The login and the sign-in address (UPN) begin differently.",
        _NETWORK,
        "Make the two agree.",
    ),
    "rename-breaks-login": Meaning(
        "A rename would break the login",
        "The account's name equals the network login; the new one would not.",
        _TRACKONE,
        "Keep the name, or rename it with --anyway.",
    ),
    "rejected-row": Meaning(
        "Row could not be used",
        "The row was left out; the account, if there is one, stays as it is.",
        _OFFICE,
        "Correct the row in the SIS.",
        "As named",
    ),
    "case-differs": Meaning(
        "Upper and lower case differ",
        "Signing in works; only the spelling differs.",
    ),
    "expires-soon": Meaning(
        "Login expires soon",
        "The login's last day is near.",
        _NETWORK,
        "Set a later last day.",
    ),
    "stale-login": Meaning(
        "Login has not been used for long",
        "A guess: nobody may be using it.",
    ),
    "wrong-year-ou": Meaning(
        "Login lies in another year's folder",
        "The year's settings on the network may be the wrong ones.",
        _NETWORK,
        "Move the login to the right folder.",
    ),
    "mail-differs": Meaning(
        "E-mail addresses differ",
        "The SIS and the directory name different addresses.",
        _OFFICE,
        "Correct the address where it is wrong.",
        "E-mail",
    ),
    "orphan-in-directory": Meaning(
        "Login without a student",
        "The SIS knows nobody with this login.",
        _NETWORK,
        "Disable the login if nobody needs it.",
    ),
    "missing-from-sis": Meaning(
        "Not in the SIS read",
        "The export does not show this student at all; the account was left as it is.",
        _OFFICE,
        "Look whether the student has left, or whether the export lacks somebody.",
        "status",
    ),
    "code-not-in-sis": Meaning(
        "Account with a code the SIS never had",
        "No sync touches this account, and somebody may be using it.",
        _TRACKONE,
        "Correct the code, or archive the account.",
    ),
    "touched-since": Meaning(
        "Changed since the run",
        "Somebody went on with this account, so it is left as it is.",
        _TRACKONE,
        "Look at it, and change it by hand where needed.",
    ),
    "username-stays": Meaning("Nothing to rename", "Mapping still gives this username."),
    "drift": Meaning(
        "Account differs from the SIS",
        "The account was left as it is; mapping would make it otherwise.",
        _TRACKONE,
        "Turn overwrite on, or rename by hand.",
    ),
    "held-inactive-by-scim": Meaning(
        "Switched off by the identity provider",
        "A sync does not switch on what it did not switch off.",
        _TRACKONE,
        "Enable the person in the identity provider.",
    ),
    "held-inactive-by-person": Meaning(
        "Switched off by hand",
        "A sync does not switch on what a person switched off.",
        _TRACKONE,
        "Restore the account if the student is to use it.",
    ),
}

SKIPS = {
    "rejected-row": FINDINGS["rejected-row"],
    "duplicate-sis-code": FINDINGS["duplicate-key-in-sis"],
    "status-unknown": Meaning(
        "Status is not a known word",
        "It is not clear whether the student is here, so nothing is done.",
        _OFFICE,
        "Correct the status, or list the word under [sis.status].",
        "Status",
    ),
    "not-active": Meaning("Not here now", "The student has left, is inactive or has not started."),
    "year-level-out-of-scope": Meaning("Year level is left out", "The mapping leaves this year level alone."),
    "empty-username": FINDINGS["no-username"],
    "non-latin-name": Meaning(
        "Name is not in Latin letters",
        "A username is not guessed from another alphabet.",
        _TRACKONE,
        "Name the username by hand, or make usernames from the student code.",
    ),
    "confusable-name": Meaning(
        "Name mixes two alphabets",
        "A letter only looks like a Latin one, which is mostly a typing slip.",
        _OFFICE,
        "Type the name again.",
        "Names",
    ),
    "username-invalid": Meaning(
        "Username is not allowed",
        "What the rules make of the name cannot be a username.",
        _TRACKONE,
        "Change the mapping, or name the username by hand.",
    ),
    "username-reserved": Meaning(
        "Username is reserved",
        "The name is kept for its former owner or for the system.",
        _TRACKONE,
        "Release the name, or name another by hand.",
    ),
    "username-taken": Meaning(
        "Username is taken",
        "Somebody else holds the name.",
        _TRACKONE,
        "Link the account if it is this student's; else release the name.",
    ),
    "held-by-directory-policy": Meaning(
        "Waiting for a network login",
        "Only students with an enabled, equal network login get an account.",
        _NETWORK,
        "Create or enable the login.",
    ),
}


def finding_meaning(code: str) -> Meaning:
    """What a finding code means; a code that is not known here speaks for itself."""
    return FINDINGS.get(code) or Meaning(_spelled(code), "")


def skip_meaning(reason: str) -> Meaning:
    """What a skip reason means."""
    return SKIPS.get(reason) or Meaning(_spelled(reason), "")


def label(key: str) -> str:
    """The heading of an account's column."""
    return LABELS.get(key, _spelled(key))


def year_label(year_level: str) -> str:
    """A year level as people say it: "Year 7"; the others stay as they are."""
    if year_level.isdigit():
        return f"Year {year_level}"
    return {"": "No year level", "UG": "Ungraded"}.get(year_level, year_level)


def _spelled(code: str) -> str:
    return code.replace("-", " ").replace("_", " ").capitalize()
