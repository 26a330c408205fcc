"""The guard: it refuses a run that would do too much, or that rests on a read that cannot be trusted."""

from collections.abc import Collection
from dataclasses import dataclass

from connector.domain.limits import GuardLimits
from connector.domain.plan import GuardLine

ALWAYS_ALLOWED = 5
EVERYBODY_FROM = 3


@dataclass(frozen=True, slots=True)
class Measures:
    """What one run would do, counted.

    `population` are the live, claimed Students in scope before the run; `baseline` the codes the last applied
    run of the same scope showed as active, None where there was none; `shrunk` those of them this read shows
    neither as active nor as left. `directory_fault` says why a directory that decides was not read whole.
    """

    rows: int
    rejects: int
    active: int
    population: int
    baseline: int | None
    shrunk: int
    archives: int
    renames: int
    delta: bool = False
    directory_fault: str = ""
    mapping_changed: bool = False
    key_changed: str = ""


def judge(
    measures: Measures, limits: GuardLimits, *, accept: Collection[str] = (), attended: bool
) -> tuple[GuardLine, ...]:
    """Every line of the guard, refused or not, in the order of their codes.

    A limit is a share of its population and is passed when more than both the limit and five are hit; hitting
    every one of three or more always is. In a population below `min_population` only that rule and an empty
    read count. `attended` runs list a changed mapping but are not stopped by it.
    """
    small = (measures.rows if measures.baseline is None else measures.baseline) < limits.min_population
    lines = [
        _share("max-archives", measures.archives, limits.max_archives, measures.population, small=small),
        _share("max-renames", measures.renames, limits.max_renames, measures.population, small=small),
        _share("max-rejects", measures.rejects, limits.max_rejects, measures.rows, small=small),
    ]
    if measures.baseline is not None and not measures.delta:
        lines.append(_share("max-shrink", measures.shrunk, limits.max_shrink, measures.baseline, small=small))
    if not measures.delta:
        empty = measures.rows == 0 or measures.active == 0
        why = "the read has no rows" if measures.rows == 0 else "no active student in scope"
        lines.append(GuardLine("empty-read", measures.active, 1, measures.rows, empty, detail=why if empty else ""))
    if measures.directory_fault:
        lines.append(_fact("incomplete-directory", measures.directory_fault))
    if measures.mapping_changed:
        why = "the mapping differs from the one last applied"
        lines.append(_fact("mapping-changed", why)._replace(refused=not attended))
    if measures.key_changed:
        lines.append(_fact("key-changed", measures.key_changed))
    return tuple(line._replace(accepted=line.refused and line.code in accept) for line in lines)


def _fact(code: str, detail: str) -> GuardLine:
    """A refusal that is not a matter of numbers."""
    return GuardLine(code, value=1, limit=0, population=1, refused=True, detail=detail)


def _share(code: str, value: int, per_cent: float, population: int, *, small: bool) -> GuardLine:
    """One limit: `limit` is the largest number that still passes."""
    limit = max(int(population * per_cent / 100), ALWAYS_ALLOWED)
    everybody = population >= EVERYBODY_FROM and value >= population
    refused = everybody or (value > limit and not small)
    detail = "it would hit every one" if everybody else ""
    return GuardLine(code, value, limit, population, refused, detail=detail)
