"""The keys of a mapping file: what each means, what it may be, and what it is when it is left out."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo

from connector.mapping.normalise import LOCALES
from connector.mapping.template import TemplateError, parse_affix, parse_template
from connector.settings.conditions import read_when
from connector.settings.faults import shown, wrong
from connector.settings.tables import Table, option, section
from connector.settings.value_kinds import SecretTable, WordList, read_list
from connector.settings.year_levels import read_years

_METHOD_ALIASES = {"ASmith": "initial_surname"}


def _state(info: ValidationInfo) -> str:
    return str((info.context or {}).get("state", ""))


def _read_scope_years(value: object, info: ValidationInfo) -> frozenset[str] | None:
    return None if value == "all" else frozenset(read_years(value, _state(info)))


def _read_when(value: object, info: ValidationInfo) -> object:
    return read_when(value, _state(info))


def _read_method(value: object) -> object:
    return _METHOD_ALIASES.get(value, value) if isinstance(value, str) else value


def _read_affix(value: object) -> str:
    return _parsed(value, parse_affix)


def _read_specials(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[._-]*", value):
        raise wrong(f"expected none or some of the signs . _ - in quotes, not {shown(value)}")
    return value


def _read_collision(value: object) -> tuple[str, ...]:
    if value == "skip":
        return ()
    steps = read_list(value)
    if not set(steps) <= {"middle_initial", "counter"} or len(set(steps)) < len(steps):
        raise wrong('expected "skip" or a list of "middle_initial" and "counter", each at most once')
    return steps


def _read_template(value: object) -> str:
    return _parsed(value, parse_template) if value != "" else ""


def _parsed(value: object, parse: Callable[[str], object]) -> str:
    if not isinstance(value, str):
        raise wrong(f"expected text in quotes, not {shown(value)}")
    try:
        parse(value)
    except TemplateError as error:
        raise wrong(str(error)) from None
    return value


def _read_transliteration(value: object) -> str | tuple[tuple[str, str], ...]:
    if isinstance(value, str) and (not value or value in LOCALES):
        return value
    if isinstance(value, str):
        raise wrong(f"{shown(value)} is not one of {', '.join(LOCALES)}, nor a table of letters")
    if not isinstance(value, dict) or not all(isinstance(to, str) and to.isascii() for to in value.values()):
        raise wrong('expected a language such as "de" or a table of letters such as { "ä" = "ae" }')
    return tuple((letter, to) for letter, to in value.items())


def _read_roles(value: object) -> tuple[str, ...]:
    roles = read_list(value)
    for role in roles:
        if ";" in role:
            raise wrong(f"a role's name holds no semicolon, which parts roles in exports: {shown(role)}")
    return roles


Affix = Annotated[str, BeforeValidator(_read_affix)]
Roles = Annotated[tuple[str, ...], BeforeValidator(_read_roles)]
Condition = Annotated[Any, BeforeValidator(_read_when)]


class ScopeTable(Table):
    """Who is synchronised, and how far a sync may go with the accounts that are there."""

    year_levels: Annotated[frozenset[str] | None, BeforeValidator(_read_scope_years)] = option(
        'Student year levels to sync: "all", or a list of year levels and ranges. Others are left alone.',
        '["7-12"]',
        default="all",
    )
    overwrite: bool = option(
        "Whether existing accounts are updated, keyed on the SIS code, usernames included. It also archives the "
        "students inactive in the SIS.",
        "true",
        default=False,
    )
    renames: Literal["reviewed", "apply", "propose"] = option(
        "With overwrite, changed usernames: only in plans that a person applies (reviewed), also unattended "
        "(apply), or only by `trackone rename` (propose).",
        '"reviewed"',
        default="reviewed",
    )
    missing: Literal["report", "archive"] = option(
        "Students that vanished from a complete read: only reported, or archived.", '"report"', default="report"
    )
    missing_reads: int = option(
        "How many complete reads in a row must lack a student before it counts as missing.",
        "2",
        default=2,
        ge=1,
        le=99,
    )


class UsernameOptions(Table):
    """How a username is made; a [[usernames.rule]] may say any of these anew for some students."""

    method: Annotated[
        Literal[
            "student_code",
            "initial_surname",
            "initial_dot_surname",
            "given_surname",
            "given_dot_surname",
            "surname_initial",
            "surname_dot_given",
            "given_initial",
            "cohort_initial_surname",
            "initials_code",
            "email",
            "email_local",
            "network_login",
            "column",
            "template",
        ],
        BeforeValidator(_read_method),
    ] = option(
        "Username creation method; it must give the logins of the school network (`trackone suggest` finds it). "
        "`ASmith` is another name of initial_surname.",
        '"initial_surname"',
        default="student_code",
    )
    given: Literal["legal", "preferred"] = option(
        "Which given and family names usernames are made of.", '"legal"', default="legal"
    )
    prefix: Affix = option("Prepend text; {fields} of a template may stand in it.", '"{cohort2}"', default="")
    suffix: Affix = option("Postpend text; {fields} of a template may stand in it.", '".s"', default="")
    case: Literal["", "lower", "upper", "keep", "title"] = option(
        "Letter case; title capitalises each part (ASmith). Left out: keep for codes, e-mails and logins, lower for "
        "names.",
        '"lower"',
        default="",
    )
    max_length: int = option(
        "Most characters, prefix, suffix and counter included. Active Directory allows 20.",
        "20",
        default=20,
        ge=3,
        le=113,
    )
    min_length: int = option("Fewest characters of a name that is made.", "2", default=2, ge=1, le=113)
    collision: Annotated[tuple[str, ...], BeforeValidator(_read_collision)] = option(
        'What to try when a name is taken, in order; "skip" gives no account.',
        '["middle_initial", "counter"]',
        default=("middle_initial", "counter"),
    )
    max_counter: int = option("The highest counter tried; the first is 2.", "99", default=99, ge=2, le=99999)
    template: Annotated[str, BeforeValidator(_read_template)] = option(
        'The username\'s pattern, with method = "template".', '"{given[0]}.{surname[:14]}"', default=""
    )
    column: str = option('The SIS column that holds the username, with method = "column".', '"NetworkID"', default="")
    transliteration: Annotated[str | tuple[tuple[str, str], ...], BeforeValidator(_read_transliteration)] = option(
        'How letters with marks are written: the habit of a language ("de": ä becomes ae), or a table of letters. '
        "Left out: without the mark.",
        '"de"',
        default="",
    )
    non_latin: Literal["skip", "transliterate", "code"] = option(
        "Names in other scripts: no account (skip), a guess at the letters (transliterate), or the student code.",
        '"skip"',
        default="skip",
    )
    hyphen: Literal["remove", "keep", "first", "last"] = option(
        "Hyphenated names: Lee-Ann becomes leeann (remove), lee-ann (keep), lee (first) or ann (last).",
        '"remove"',
        default="remove",
    )
    particles: Literal["join", "drop", "keep_space_removed"] = option(
        "Particles of family names: van der Berg becomes vanderberg (join, keep_space_removed) or berg (drop).",
        '"join"',
        default="join",
    )
    multi_given: Literal["first", "join"] = option(
        "Several given names: Mary Anne becomes mary (first) or maryanne (join).", '"first"', default="first"
    )
    specials: Annotated[str, BeforeValidator(_read_specials)] = option(
        "The signs besides letters and digits that a username may hold inside.", '"."', default="."
    )


class UsernameRuleTable(UsernameOptions):
    """A different way for some students; the first rule whose condition holds counts, the rest is inherited."""

    name: str = option("What the rule is called in explanations.", '"juniors"', default="")
    when: Condition = option("Whom the rule is for; keys are joined by AND, a list by OR.", '{ year = "P-6" }')


class UsernamesTable(UsernameOptions):
    """How usernames are made."""

    reserved: WordList = option("Names nobody gets, beside the built-in ones.", '["library", "kiosk"]', default=())
    blocked: WordList = option("Words no username may be.", '["badword"]', default=())
    blocked_match: Literal["exact", "substring"] = option(
        "Whether a blocked word counts as the whole name only, or anywhere in it.", '"exact"', default="exact"
    )
    reuse_after_days: int = option(
        "After how many days a name that its owner gave up by a rename may go to somebody else; -1: never. An "
        "archived account keeps its name, until `trackone accounts release`.",
        "365",
        default=-1,
        ge=-1,
        le=36500,
    )
    rule: list[UsernameRuleTable] = option("Different ways for some students.", "", default=[])


class PasswordsTable(Table):
    """The password of a new account. With network authentication (LDAP, SSO) it is not used."""

    method: Literal["random", "default", "none"] = option(
        "Default password creation method: a random one, one for all, or none (network authentication only).",
        '"random"',
        default="random",
    )
    default: SecretTable | None = option(
        "Where the one for all is found; it must be changed at the first sign-in.",
        '{ env = "TRACKONE_DEFAULT_PASSWORD" }',
        default=None,
    )


class RoleRuleTable(Table):
    """Roles for some students; rules count from top to bottom, and a denial beats every grant."""

    name: str = option("What the rule is called; it is kept as the reason of each grant.", '"seniors"', min_length=1)
    when: Condition = option("Whom the rule is for; keys are joined by AND, a list by OR.", '{ year = "10-12" }')
    grant: Roles = option("The roles it gives.", '["Student Portal"]', default=())
    deny: Roles = option("The roles it withholds.", '["Student Portal"]', default=())
    stop: bool = option("Whether the rules below it are left out where it holds.", "true", default=False)


class RolesTable(Table):
    """Which roles students get, and which the connector may touch at all."""

    mode: Literal["authoritative", "additive"] = option(
        "Whether managed roles that no rule gives are taken away, also where a person gave them (authoritative).",
        '"authoritative"',
        default="authoritative",
    )
    managed: Roles | None = option(
        "The roles that are the rules' alone, so that authoritative also takes away what a person gave. In others a "
        "rule gives and takes back only its own. Left out: Student Security and Student "
        "Portal.",
        '["Student Security", "Student Portal"]',
        default=None,
    )
    default: Roles = option(
        "The roles of a student whom no rule gives one.", '["Student Security"]', default=["Student Security"]
    )
    student_roles: Roles = option(
        'The roles a student may get besides "Student Security" and "Student Portal".', '["Boarder"]', default=[]
    )
    protected: Roles = option("Roles that are never given or taken.", '["Administrator Security"]', default=[])
    allow_protected: Roles = option(
        "No protected role is ever allowed for students: leave it empty.", "[]", default=[]
    )
    rule: list[RoleRuleTable] = option("Roles for some students.", "", default=[])


class AccountsTable(Table):
    """What the account shows."""

    names: Literal["preferred", "legal"] = option(
        "Which names the account shows.", '"preferred"', default="preferred"
    )


class ExampleTable(Table):
    """A student and what the rules must make of it; `trackone check` tries every one."""

    given: dict[str, Any] = option(
        "The student.", '{ sis_code = "S1", given_names = "Amelia", family_name = "Smith" }'
    )
    expect: dict[str, Any] = option("What must come out.", '{ username = "asmith", roles = ["Student Security"] }')


class MappingFile(Table):
    """A mapping file."""

    scope: ScopeTable = section(ScopeTable)
    usernames: UsernamesTable = section(UsernamesTable)
    passwords: PasswordsTable = section(PasswordsTable)
    roles: RolesTable = section(RolesTable)
    accounts: AccountsTable = section(AccountsTable)
    example: list[ExampleTable] = option("Students and what the rules must make of them.", "", default=[])
