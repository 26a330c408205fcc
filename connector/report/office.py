"""What the school office can put right in the SIS: whose record, which field, what to correct."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from connector.domain.finding import Finding
from connector.domain.plan import Skip
from connector.mapping.keys import natural_key
from connector.report.findings import NO_NAMES, meaning_of
from connector.report.glossary import Who, skip_meaning


class Correction(NamedTuple):
    """One record to correct; `wrong` is the matter in words, `evidence` what was found there."""

    sis_code: str
    student: str
    field: str
    wrong: str
    evidence: str
    todo: str


def corrections(
    findings: Iterable[Finding], skips: Iterable[Skip] = (), *, names: Mapping[str, str] = NO_NAMES
) -> list[Correction]:
    """The findings and skips that are the office's, each said once, by SIS code as people count."""
    said = [(one.sis_code, skip_meaning(one.reason), one.detail, one.suggestion) for one in skips]
    said += [(one.sis_code or "", meaning_of(one), one.detail or "", one.suggestion or "") for one in findings]
    of_office = [
        Correction(code, names.get(code, ""), why.field, why.title, detail or why.means, todo or why.todo)
        for code, why, detail, todo in said
        if why.who is Who.OFFICE
    ]
    once = {(one.sis_code, one.wrong, one.evidence): one for one in of_office}
    return sorted(once.values(), key=_place)


def _place(one: Correction) -> tuple[bool, str, str, str]:
    """By SIS code as people count, rows without a code last, by where they stand."""
    return not one.sis_code, natural_key(one.sis_code), one.field, natural_key(one.evidence)
