"""Compare the usernames of TrackOne with the logins of the school network."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import compress

from connector.domain.alignment import Alignment, Share
from connector.domain.entry import Completeness, DirectoryEntry, DirectoryRead
from connector.domain.finding import Finding, finding
from connector.domain.limits import DirectoryRules
from connector.domain.ruleset import YEAR_ORDER
from connector.mapping.dn import parent_dn
from connector.mapping.keys import case_key, natural_key
from connector.planning.align_findings import status_finding
from connector.planning.align_names import name_findings
from connector.planning.align_people import Others, Person
from connector.planning.align_place import Places
from connector.planning.align_reverse import leavers, orphans, shared_codes, shared_keys
from connector.planning.align_state import Yardstick, account_findings, login_findings, yardstick
from connector.planning.align_status import EQUAL, MATCHED, UNKNOWN, Link, link_all
from connector.planning.correlate import IF_SMALLER, code_key, correlate, mistrust
from connector.planning.fixes import directory_fixes, new_names


def align(
    people: Sequence[Person],
    read: DirectoryRead,
    others: Others,
    rules: DirectoryRules,
    now: datetime,
    *,
    last_entries: int | None = None,
    max_shrink: float = 10.0,
    findings: Iterable[Finding] = (),
) -> Alignment:
    """How the population's usernames stand to the directory.

    `people` holds each active student in scope once. `last_entries` is the size of the last complete read of
    the directory: far fewer entries now (`max_shrink`, per cent) make the read incomplete. `findings` are
    further facts to report, such as those of the SIS read. An incomplete read of either side is not the ground
    for any finding that rests on somebody's absence from it.
    """
    people = sorted(people, key=lambda person: (natural_key(person.sis_code), person.username, person.wanted))
    told = read.completeness
    read = replace(read, completeness=mistrust(told, last_entries, max_shrink))
    complete = read.completeness.complete
    population = {code_key(person.sis_code): person.sis_code for person in people}
    spelt = {code_key(code): code for code in (*others.known, *others.archived, *others.statuses)} | population
    directory = correlate(read, population)
    links = link_all(people, directory, complete=complete)
    found = [*_run_findings(told, read.completeness), *findings]
    places = Places(rules, now.date(), read.entries)
    found += _people_findings(people, links, places, yardstick(read, rules, now), complete=complete)
    found += name_findings(people, others, directory, spelt)
    found += (*shared_codes(others.duplicates), *shared_keys(directory, spelt))
    found += leavers(directory, others, population, spelt)
    if complete and others.complete:
        found += orphans(directory, others, spelt, _linked(people, links))
    found.sort(key=lambda one: (natural_key(one.sis_code or ""), "" if one.sis_code else one.dn or ""))
    summed_up = _summed_up(people, links, read, found)
    fixes = directory_fixes(found, people, read, rules, places)
    return replace(summed_up, fixes=tuple(fixes), new_names=tuple(new_names(people, links, others)))


def count_equal(people: Iterable[Person], read: DirectoryRead) -> int:
    """How many of the students have an account by now whose username equals the network login; `read` is whole."""
    here = [one._replace(username="", proposed=False) if one.proposed else one for one in people]
    directory = correlate(read, {code_key(person.sis_code): person.sis_code for person in here})
    return sum(link.status in EQUAL for link in link_all(here, directory, complete=True))


def _linked(people: Sequence[Person], links: Sequence[Link]) -> dict[str, str]:
    """The DN of each student's entry, by the case_key of the username; by that DN where there is no username."""
    pairs = zip(people, links, strict=True)
    return {case_key(one.username) or link.entry.dn: link.entry.dn for one, link in pairs if link.entry is not None}


def _run_findings(told: Completeness, judged: Completeness) -> Iterator[Finding]:
    """What is to be said of the read of the directory itself."""
    again = "Read the directory again once the cause is gone; until then nobody is called missing."
    if not told.complete:
        yield finding("incomplete-read", detail=f"directory: {told.reason}", suggestion=again)
    elif not judged.complete:
        yield finding("suspicious-shrink", detail=f"directory: {judged.reason}", suggestion=IF_SMALLER)


def _people_findings(
    people: Sequence[Person], links: Sequence[Link], places: Places, by: Yardstick, *, complete: bool
) -> Iterator[Finding]:
    """Each student's primary status and what is to be said of their own account."""
    for person, link in zip(people, links, strict=True):
        if link.status not in (MATCHED, UNKNOWN):
            yield status_finding(person, link)
        own = link.entry if link.certain else None
        yield from login_findings(person, own, by)
        if own is None:
            continue
        yield from account_findings(person, own, by)
        misplaced = places.check(person, own)
        if misplaced is not None:
            yield misplaced
        if link.keyless and complete:
            yield _key_missing(person, own)


def _key_missing(person: Person, entry: DirectoryEntry) -> Finding:
    return finding(
        "key-missing",
        sis_code=person.sis_code,
        username=person.username,
        login=entry.login,
        dn=entry.dn,
        detail="the student's entry carries no SIS code; it was found by login and name, or by an earlier link",
        suggestion=f"Write {person.sis_code} into the entry's key attribute.",
    )


def _summed_up(
    people: Sequence[Person], links: Sequence[Link], read: DirectoryRead, found: list[Finding]
) -> Alignment:
    """The findings with their counts, and the match of every group."""
    equal = [link.status in EQUAL for link in links]
    by_code = Counter(one.code for one in found)
    by_code[MATCHED] = sum(link.status == MATCHED for link in links)
    years = _shares((person.year_level for person in people), equal)
    order = {year: place for place, year in enumerate(YEAR_ORDER)}
    return Alignment(
        students=len(people),
        proposed=sum(person.proposed for person in people),
        directory_entries=len(read.entries),
        matched=sum(equal),
        by_code=dict(by_code),
        completeness=read.completeness,
        findings=tuple(found),
        by_year=dict(sorted(years.items(), key=lambda item: (order.get(item[0], len(order)), item[0]))),
        by_campus=dict(sorted(_shares((person.campus for person in people), equal).items())),
        by_unit=dict(sorted(_shares(map(_unit, links), equal).items())),
    )


def _unit(link: Link) -> str:
    """The DN that the student's own entry lies in; "" for none."""
    return parent_dn(link.entry.dn) if link.entry is not None and link.certain else ""


def _shares(groups: Iterable[str], equal: Iterable[bool]) -> dict[str, Share]:
    """How many match of how many, group by group."""
    some = list(groups)
    students, matched = Counter(some), Counter(compress(some, equal))
    return {group: Share(matched[group], count) for group, count in students.items()}
