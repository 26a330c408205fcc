"""What an applied run leaves behind for the next one: the baseline, the mapping, the day."""

from collections.abc import Iterator

from connector.domain.account import Sighting
from connector.domain.plan import ReadRecord
from connector.domain.ports import RunWriter, SightingNote
from connector.mapping.keys import fold_key
from connector.services.decision import AS_OF, BOOKMARK, CODE_KIND, ENTRIES, MAPPING, SCOPE
from connector.services.parts import DirectoryView


def remember_facts(writer: RunWriter, read: ReadRecord, entries: int | None) -> dict[str, str]:
    """Keep the facts about the read that the next run's guard compares with; returns what an undo puts back."""
    before = {key: writer.state(key) or "" for key in (CODE_KIND, MAPPING)}
    writer.set_state(MAPPING, read.mapping)
    writer.set_state(SCOPE, read.scope)
    writer.set_state(AS_OF, read.as_of)
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


def remember_codes(writer: RunWriter, read: ReadRecord) -> None:
    """Keep the baseline of a plan that was made earlier: which codes were active, which were missing."""
    active, missing = set(read.active), set(read.missing)
    writer.remember(list(_notes(writer, active, missing, delta=read.delta)))
    with_account = {fold_key(one.account.sis_code) for one in writer.claimed_students()}
    if not read.delta:
        writer.remember_baseline(active - with_account)


def _notes(writer: RunWriter, active: set[str], missing: set[str], *, delta: bool) -> Iterator[SightingNote]:
    unclaimed = [known for known in writer.students_by_code(sorted(active)) if not known.account.claimed]
    for known in (*writer.claimed_students(), *unclaimed):
        key, before = fold_key(known.account.sis_code), known.sighting
        if key in active:
            now = Sighting(before.digest, before.version, before.until, 0, baseline=True)
        elif key in missing:
            now = Sighting(missing_reads=before.missing_reads + 1)
        elif delta:
            continue
        else:
            now = Sighting()
        if now != before or not known.account.claimed:
            yield SightingNote(known.account.id, now, claimed=True)
