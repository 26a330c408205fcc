"""Whether each username belongs to one person only, in TrackOne and on the network."""

from collections.abc import Iterable, Iterator, Mapping

from connector.domain.entry import DirectoryEntry
from connector.domain.finding import Finding, finding
from connector.mapping.keys import case_key, fold_key, natural_key
from connector.planning.align_people import Others, Person
from connector.planning.correlate import Correlation, code_key


def name_findings(
    people: Iterable[Person], others: Others, directory: Correlation, spelt: Mapping[str, str]
) -> Iterator[Finding]:
    """Usernames that two students have or want, that somebody else has, or that several logins answer to.

    `spelt` gives the known SIS codes by their code_key.
    """
    by_name = _by_name(people)
    for sharers in by_name.values():
        if len(sharers) > 1:
            yield from _shared(sorted(sharers, key=lambda person: natural_key(person.sis_code)))
    yield from _collisions(by_name, others, directory)
    yield from _shared_logins(by_name, directory, spelt)


def _by_name(people: Iterable[Person]) -> dict[str, list[Person]]:
    """The students by the fold_key of the username they have, or would have if it were free."""
    by_name: dict[str, list[Person]] = {}
    for person in people:
        name = person.username or person.wanted
        if name:
            by_name.setdefault(fold_key(name), []).append(person)
    return by_name


def _shared(sharers: list[Person]) -> Iterator[Finding]:
    for person in sharers:
        rest = ", ".join(other.sis_code for other in sharers if other is not person)
        yield finding(
            "duplicate-username",
            sis_code=person.sis_code,
            username=person.username or person.wanted,
            detail=f"the same username, but for case and accents, is that of {rest}",
            suggestion="Correct the field it is made from in the SIS, or choose another username method.",
        )


def _collisions(by_name: Mapping[str, list[Person]], others: Others, directory: Correlation) -> Iterator[Finding]:
    """Names proposed or wanted for new accounts that are somebody else's already, or look like another's login."""
    holders = {fold_key(name): holder for name, holder in others.usernames.items()}
    lookalikes = _accented(directory)
    for key, people in by_name.items():
        near = lookalikes.get(key, ())
        for person in people:
            name = person.username or person.wanted
            told = bool(person.username) or len(people) > 1
            if (person.username and not person.proposed) or (
                told and not near and name.isascii() and key not in holders
            ):
                continue
            entry = _in_the_way(person, name, (*near, *directory.logins(key)), told=told)
            if key in holders:
                yield _collision(person, name, f"{name} is held by {holders[key]}")
            elif entry is not None:
                alike = (
                    "is"
                    if case_key(entry.login) == case_key(name)
                    else f"differs only by accents from {entry.login},"
                )
                yield _collision(person, name, f"{name} {alike} the network login of {entry.key.strip()}", entry)


def _accented(directory: Correlation) -> dict[str, list[DirectoryEntry]]:
    """The live entries whose login is not plain ASCII, by its fold_key: Active Directory takes both for one."""
    accented: dict[str, list[DirectoryEntry]] = {}
    for login, entries in directory.by_login.items():
        if not login.isascii():
            accented.setdefault(fold_key(login), []).extend(entries)
    return accented


def _in_the_way(person: Person, name: str, entries: Iterable[DirectoryEntry], *, told: bool) -> DirectoryEntry | None:
    """The entry keyed to somebody else whose login equals the name but for accents, or is the name.

    That it is the name may be `told` already: by the primary status of whoever has it, or as two students' wish.
    """
    for entry in entries:
        if code_key(entry.key) in ("", code_key(person.sis_code)):
            continue
        if not told or case_key(entry.login) != case_key(name):
            return entry
    return None


def _collision(person: Person, name: str, detail: str, entry: DirectoryEntry | None = None) -> Finding:
    return finding(
        "proposed-username-collides",
        sis_code=person.sis_code,
        username=name,
        login=entry.login if entry else None,
        dn=entry.dn if entry else None,
        detail=detail,
        suggestion="Add a collision rule in [usernames]; if the name is the student's own, link the account to them.",
    )


def _shared_logins(
    by_name: Mapping[str, list[Person]], directory: Correlation, spelt: Mapping[str, str]
) -> Iterator[Finding]:
    """Logins of students that several entries of the directory have: nobody can say whose password counts."""
    for key in sorted(login for login, entries in directory.by_login.items() if len(entries) > 1):
        entries = directory.by_login[key]
        people = [one for one in by_name.get(fold_key(key), ()) if case_key(one.username or one.wanted) == key]
        keys = [entry.key.strip() for entry in entries if entry.key.strip()]
        codes = [person.sis_code for person in people] or [spelt.get(code_key(one), one) for one in keys]
        if codes:
            yield finding(
                "duplicate-username",
                sis_code=codes[0],
                username=people[0].username if people else None,
                login=entries[0].login,
                dn=entries[0].dn,
                detail=f"{len(entries)} directory entries have this login: " + list_dns(entries),
                suggestion="Leave the login with one entry, or narrow [directory] bases.",
            )


def list_dns(entries: Iterable[DirectoryEntry], at_most: int = 5) -> str:
    """The DNs of some entries, cut where there are many."""
    dns = [entry.dn for entry in entries]
    rest = f" and {len(dns) - at_most} more" if len(dns) > at_most else ""
    return "; ".join(dns[:at_most]) + rest
