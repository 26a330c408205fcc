"""What an applied run leaves behind for the next one: the baseline, the mapping, the day."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from connector.domain.account import Sighting
from connector.domain.plan import ReadRecord
from connector.domain.ports import RunWriter, SightingNote
from connector.mapping.keys import fold_key
from connector.services.decision import AS_OF, BOOKMARK, CODE_KIND, DONE_AT, ENTRIES, MAPPING, READ_AT, SCOPE
from connector.services.parts import DirectoryView


class Moments(NamedTuple):
    """When the SIS was read, and when what was decided of it is done."""

    read: datetime
    done: datetime


def remember_facts(writer: RunWriter, read: ReadRecord, entries: int | None, moments: Moments) -> dict[str, str]:
    """Keep the facts about the read that the next run's guard compares with; returns what an undo puts back."""
    before = {key: writer.state(key) or "" for key in (CODE_KIND, MAPPING)}
    writer.set_state(MAPPING, read.mapping)
    writer.set_state(SCOPE, read.scope)
    writer.set_state(AS_OF, read.as_of)
    writer.set_state(READ_AT, max(moments.read.isoformat(), _moment(writer, READ_AT, moments.done)))
    writer.set_state(DONE_AT, moments.done.isoformat())
    if read.code_kind:
        writer.set_state(CODE_KIND, read.code_kind)
    if read.bookmark:
        writer.set_state(BOOKMARK, read.bookmark)
    if entries is not None:
        writer.set_state(ENTRIES, str(entries))
    return before


def put_back_facts(writer: RunWriter, before: dict[str, str]) -> None:
    """After an undo: the key field and the mapping are again those of before the run, and the SIS is read whole."""
    writer.set_state(BOOKMARK, "")
    for key, value in before.items():
        writer.set_state(key, value)


def entries_of(view: DirectoryView) -> int | None:
    """The size of a complete directory read; None where there was none."""
    return len(view.read.entries) if view.read is not None and view.complete else None


def _moment(writer: RunWriter, key: str, now: datetime) -> str:
    """A remembered moment; empty where there is none, or one still to come: the clock was wrong then."""
    found = writer.state(key) or ""
    return found if found <= now.isoformat() else ""


def remember_codes(writer: RunWriter, read: ReadRecord, moments: Moments) -> None:
    """Keep the baseline of a plan that was made before: which codes were active, which were missing.

    A read that a newer one has overtaken says nothing new. One that was made before another was applied is no further
    read without those it lacks: two plans made of one export count once. To be called before `remember_facts`.
    """
    at = moments.read.isoformat()
    if at < _moment(writer, READ_AT, moments.done):
        known = set(writer.baseline_codes())
        writer.remember(list(_claims(writer, set(read.active), known)))
        _remember_others(writer, known)
        return
    active, missing = set(read.active), set(read.missing)
    further = at > _moment(writer, DONE_AT, moments.done)
    writer.remember(list(_notes(writer, active, missing, further=further, whole=read.whole and not read.delta)))
    writer.remember(list(_links(writer, dict(read.linked))))
    if not read.delta:
        _remember_others(writer, active)


def _remember_others(writer: RunWriter, codes: set[str]) -> None:
    """Keep the codes of those of them that have no account."""
    writer.remember_baseline(codes - {fold_key(one.account.sis_code) for one in writer.claimed_students()})


def _links(writer: RunWriter, linked: dict[str, str]) -> Iterator[SightingNote]:
    """The directory's ids that were learned; what else is remembered stays."""
    for one in writer.students_by_code(list(linked)):
        stable_id = linked[fold_key(one.account.sis_code)]
        yield SightingNote(one.account.id, one.sighting, stable_id=stable_id)


def _claims(writer: RunWriter, active: set[str], known: set[str]) -> Iterator[SightingNote]:
    """Of an overtaken read: whom it claimed, and who of the newer read's codes without an account has one now."""
    for one in writer.students_by_code(sorted(active | known)):
        found = fold_key(one.account.sis_code) in known
        if found or not one.account.claimed:
            yield SightingNote(one.account.id, one.sighting._replace(baseline=found), claimed=True)


def _notes(
    writer: RunWriter, active: set[str], missing: set[str], *, further: bool, whole: bool
) -> Iterator[SightingNote]:
    """What the read says of each; one that was not whole says nothing of those it does not show."""
    unclaimed = [known for known in writer.students_by_code(sorted(active)) if not known.account.claimed]
    for known in (*writer.claimed_students(), *unclaimed):
        key, before = fold_key(known.account.sis_code), known.sighting
        if key in active:
            now = Sighting(before.digest, before.version, before.until, 0, baseline=True)
        elif key in missing:
            now = Sighting(missing_reads=before.missing_reads + 1 if further else max(before.missing_reads, 1))
        elif not whole:
            continue
        else:
            now = Sighting()
        if now != before or not known.account.claimed:
            yield SightingNote(known.account.id, now, claimed=True)
