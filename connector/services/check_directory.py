"""What one whole read of the directory shows, and what to put right in it or in [directory]."""

from collections.abc import Iterator

from connector.domain.entry import Completeness, DirectoryEntry, DirectoryRead
from connector.domain.errors import ConnectorError
from connector.domain.ports import Directory
from connector.services.checked import Checked

# Below this share of keyed people the key is more likely the wrong attribute than unfilled.
_FEW = 0.5

_FIELDS = ("login", "upn", "mail", "given", "family")
_STATES = (
    ("disabled", lambda one: not one.enabled),
    ("locked", lambda one: one.locked),
    ("password expired", lambda one: one.password_expired),
    ("password not required", lambda one: one.password_not_required),
)


def check_directory(directory: Directory) -> Iterator[Checked]:
    """Read the directory whole, as a sync does, and say what was seen.

    A page would not do: size limits and missing rights show only in the whole.
    """
    try:
        read = directory.read()
    except ConnectorError as error:
        yield Checked("directory", well=False, seen=error.message, next_step=error.hint, exit_code=error.exit_code)
        return
    people = [entry for entry in read.entries if not entry.deleted]
    yield _whole(read, len(people))
    yield _key(people)
    yield _fields(people, read.completeness)
    yield Checked("account states", well=True, seen=_states(people))


def _whole(read: DirectoryRead, people: int) -> Checked:
    proof = read.completeness
    under = f" under {' and '.join(proof.bases)}" if proof.bases else ""
    facts = [f"{people:,} people{under}"]
    if proof.excluded:
        facts.append(f"{proof.excluded:,} excluded by rule")
    if proof.pages:
        facts.append(f"in {proof.pages:,} page{'s' if proof.pages != 1 else ''}")
    if proof.referrals:
        facts.append(f"referrals to other servers, not followed: {proof.referrals:,}")
    seen = f"{proof.source}, read as {proof.kind or 'unknown'}: {', '.join(facts)}"
    notes = "".join(f"\n{note}" for note in proof.notes)
    if proof.complete:
        return Checked("directory", well=True, seen=seen + notes)
    return Checked(
        "directory",
        well=False,
        seen=f"{seen}; INCOMPLETE: {proof.reason}{notes}",
        next_step="Nothing rests on an incomplete read: require and adopt hold, and group rules change no role.",
    )


def _key(people: list[DirectoryEntry]) -> Checked:
    """How many people carry a SIS code; the one thing that links for certain."""
    keyed = sum(bool(entry.key.strip()) for entry in people)
    seen = f"{_share(keyed, len(people))} of the people carry a SIS code ({keyed:,} of {len(people):,})"
    if people and keyed == 0:
        return Checked(
            "directory key",
            well=False,
            seen=seen,
            next_step="Name the attribute with the SIS code in [directory.attributes] key, or let bind_dn read it.",
        )
    hint = "Is [directory.attributes] key the right attribute? " if keyed < _FEW * len(people) else ""
    step = f"{hint}Who has none: trackone align (key-missing)." if keyed < len(people) else ""
    return Checked("directory key", well=True, seen=seen, next_step=step)


def _fields(people: list[DirectoryEntry], proof: Completeness) -> Checked:
    """How many people have each of the other attributes; none at all usually means no right to read it."""
    counts = {name: sum(bool(getattr(entry, name)) for entry in people) for name in _FIELDS}
    seen = ", ".join(f"{name} {_share(count, len(people))}" for name, count in counts.items())
    if not proof.unreadable:
        return Checked("directory attributes", well=True, seen=seen)
    return Checked(
        "directory attributes",
        well=not any(name.endswith("(on no entry)") for name in proof.unreadable),
        seen=f"{seen}; not readable: {', '.join(proof.unreadable)}",
        next_step="Let bind_dn read these, or name others in [directory.attributes].",
    )


def _states(people: list[DirectoryEntry]) -> str:
    """How many accounts are in a state that keeps somebody out."""
    found = ((word, sum(map(holds, people))) for word, holds in _STATES)
    told = [f"{count:,} {word}" for word, count in found if count]
    return ", ".join(told) or "none disabled, locked or with an expired password"


def _share(part: int, whole: int) -> str:
    """A share in per cent that is 100 only when nobody is missing, and 0 only when nobody is there."""
    if whole == 0:
        return "none"
    share = 100 * part / whole
    if 0 < part < whole:
        share = min(max(share, 0.1), 99.9)
    return f"{share:.1f} %" if 0 < part < whole else f"{share:.0f} %"
