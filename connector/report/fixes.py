"""What would put findings right, for those who do it: the directory's administrator, and TrackOne's."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from connector.domain.alignment import Apply, Fix, NewName
from connector.report.csv_lines import csv_lines
from connector.report.findings import NO_NAMES
from connector.report.glossary import finding_meaning
from connector.report.harmless import data_cell, harmless

FIX_COLUMNS = ("dn", "attribute", "old", "new", "apply", "sis_code", "finding")
NEW_NAME_COLUMNS = ("sis_code", "username")

_ACTIVE_DIRECTORY = {
    "login": "sAMAccountName",
    "key": "employeeID",
    "upn": "userPrincipalName",
    "enabled": "Enabled",
    "password-not-required": "PasswordNotRequired",
    "unit": "OU",
}
_OPENLDAP = _ACTIVE_DIRECTORY | {"login": "uid", "key": "employeeNumber"}
_WORDS = {
    "login": "Login",
    "key": "SIS code",
    "upn": "UPN",
    "enabled": "Enabled",
    "password-not-required": "Empty password allowed",
    "unit": "Place",
}
APPLY_WORDS = {
    Apply.YES: "yes",
    Apply.CHOOSE: "here or in TrackOne",
    Apply.CHECK: "a guess: check first",
}


class Shown(NamedTuple):
    """A change to an entry in words."""

    title: str
    sis_code: str
    student: str
    dn: str
    what: str
    old: str
    new: str
    apply: str


def fixes_csv(fixes: Iterable[Fix], kind: str, configured: Mapping[str, str]) -> Iterator[str]:
    """One line a change, those that move an entry last, since its DN is another one afterwards.

    `kind` is the directory's, `configured` the attributes that stand above that kind's habit. What cannot be
    written as it is, since it holds invisible signs, is never to be applied unseen.
    """
    names = {**(_OPENLDAP if kind == "openldap" else _ACTIVE_DIRECTORY), **configured}
    ordered = sorted(fixes, key=lambda fix: fix.attribute == "unit")
    return csv_lines(FIX_COLUMNS, (_row(fix, names[fix.attribute]) for fix in ordered))


def _row(fix: Fix, attribute: str) -> tuple[str, ...]:
    plain = all(harmless(text) == text for text in (fix.dn, fix.old, fix.new))
    apply = fix.apply if plain else Apply.CHECK
    return fix.dn, attribute, fix.old, fix.new, apply, fix.sis_code, fix.code


def new_names_csv(names: Iterable[NewName]) -> Iterator[str]:
    """A file for `trackone accounts import`: the student's code and the username the account is to have."""
    return csv_lines(NEW_NAME_COLUMNS, ((one.sis_code, one.new) for one in names), data_cell)


def shown(fixes: Iterable[Fix], names: Mapping[str, str] = NO_NAMES) -> list[Shown]:
    """The changes in words, each with the finding it puts right."""
    return [
        Shown(
            finding_meaning(fix.code).title,
            fix.sis_code,
            names.get(fix.sis_code, ""),
            fix.dn,
            _WORDS[fix.attribute],
            fix.old,
            fix.new,
            APPLY_WORDS[fix.apply],
        )
        for fix in fixes
    ]
