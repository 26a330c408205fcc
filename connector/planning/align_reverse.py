"""The network accounts no student of the population answers for, and keys that are not one person's."""

from collections.abc import Container, Iterator, Mapping

from connector.domain.entry import DirectoryEntry
from connector.domain.finding import Finding, finding
from connector.domain.student import Status
from connector.mapping.keys import case_key
from connector.planning.align_names import list_dns
from connector.planning.align_people import Others
from connector.planning.correlate import Correlation, code_key

_GONE = (Status.LEFT, Status.INACTIVE)


def shared_keys(directory: Correlation, spelt: Mapping[str, str]) -> Iterator[Finding]:
    """Keys that several live entries carry; `spelt` gives the known SIS codes by their code_key."""
    for key, entries in directory.by_key.items():
        if len(entries) < 2:
            continue
        yield finding(
            "duplicate-key-in-directory",
            sis_code=spelt.get(key) or entries[0].key.strip(),
            login=entries[0].login,
            dn=entries[0].dn,
            detail=f"{len(entries)} entries carry this key: {list_dns(entries)}",
            suggestion="Leave the key on the entry the student uses, and take it off the others.",
        )


def leavers(
    directory: Correlation, others: Others, population: Container[str], spelt: Mapping[str, str]
) -> Iterator[Finding]:
    """Enabled entries keyed to somebody who has left, is inactive, or whose account is archived.

    `population` holds the code_key of every active student, `spelt` the known SIS codes by theirs.
    """
    statuses = {code_key(code): status for code, status in others.statuses.items()}
    archived = frozenset(map(code_key, others.archived))
    for key, entries in directory.by_key.items():
        why = "" if key in population else _why_gone(statuses.get(key), archived=key in archived)
        for entry in entries if why else ():
            if entry.enabled:
                yield finding(
                    "left-but-enabled",
                    sis_code=spelt.get(key) or entry.key.strip(),
                    login=entry.login,
                    dn=entry.dn,
                    detail=why,
                    suggestion="Disable the account in the directory, or correct the student's status in the SIS.",
                )


def _why_gone(status: Status | None, *, archived: bool) -> str:
    if status in _GONE:
        return f"the SIS says {status}, but the network account is enabled"
    if status is None and archived:
        return "the TrackOne account is archived, but the network account is enabled"
    return ""


def orphans(
    directory: Correlation, others: Others, spelt: Container[str], links: Mapping[str, str]
) -> Iterator[Finding]:
    """Live entries keyed to a code nobody has, or unkeyed and linked to nobody.

    `spelt` holds the code_key of every known SIS code. `links` gives the DN of each entry that a student was linked
    to, by the case_key of the student's username.
    """
    accounts = frozenset(map(case_key, others.accounts))
    linked = frozenset(links.values())
    for key, entries in directory.by_key.items():
        if key not in spelt:
            for entry in entries:
                yield _orphan(entry, f"the key {entry.key.strip()} is nobody's in the SIS or in TrackOne", None)
    for entry in directory.unkeyed:
        login = case_key(entry.login)
        if entry.dn not in linked and login not in accounts:
            own = links.get(login)
            why = f"its login is that of {own}" if own else "neither login nor name is a student's"
            yield _orphan(entry, f"no key, and {why}", 0.5)


def _orphan(entry: DirectoryEntry, detail: str, confidence: float | None) -> Finding:
    state = "" if entry.enabled else "; the account is disabled"
    return finding(
        "orphan-in-directory",
        sis_code=entry.key.strip(),
        login=entry.login,
        dn=entry.dn,
        detail=detail + state,
        suggestion="Remove or disable the account; list service and staff accounts under [directory] exclude.",
        confidence=confidence,
    )


def shared_codes(duplicates: Mapping[str, str]) -> Iterator[Finding]:
    """SIS codes that the SIS gives to several students."""
    for code, places in duplicates.items():
        yield finding(
            "duplicate-key-in-sis",
            sis_code=code,
            detail=f"the code stands more than once: {places}",
            suggestion="Give each student a code of their own in the SIS, or remove the double row.",
        )
