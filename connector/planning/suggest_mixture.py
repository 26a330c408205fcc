"""Mixtures: intakes that follow other rules than the ones before them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connector.planning.suggest_rank import needed_lead
from connector.planning.suggest_trial import Ground, Trial, grouped

_MOST_PARTS = 3
_LEAST_RATE = 0.5


class Stretch(NamedTuple):
    """Intakes in a row that follow one trial's rules."""

    intakes: tuple[int, ...]
    positions: tuple[int, ...]
    trial: Trial


class Split(NamedTuple):
    """A way to part the intakes, the newest first; `by` is cohort or entry."""

    by: str
    stretches: tuple[Stretch, ...]

    @property
    def matched(self) -> int:
        """How many logins all the rules together give."""
        return sum(stretch.trial.matched_at(stretch.positions) for stretch in self.stretches)


def split(ground: Ground, trials: Sequence[Trial]) -> Split | None:
    """The parting of the intakes that gives clearly more logins than any one trial; None where none does.

    Intakes are the years of finishing or, where these explain less, the years of entry.
    """
    if not trials:
        return None
    best = max(trial.matched for trial in trials)
    labels = {
        "cohort": [pupil.student.cohort for pupil in ground.pupils],
        "entry": [pupil.student.entry_date.year if pupil.student.entry_date else None for pupil in ground.pupils],
    }
    found = [one for by, group in labels.items() if (one := _split(by, grouped(group), trials)) is not None]
    better = [one for one in found if one.matched >= best + needed_lead(len(ground.pupils))]
    return max(better, key=lambda one: one.matched, default=None)


def _split(by: str, groups: Mapping[int | None, Sequence[int]], trials: Sequence[Trial]) -> Split | None:
    """The best parting into two or three stretches; each more only where it gives clearly more."""
    years = sorted(year for year in groups if year is not None)
    if len(years) < 2:
        return None
    counts = [[trial.matched_at(groups[year]) for year in years] for trial in trials]
    lead = needed_lead(sum(map(len, groups.values())))
    best: list[tuple[int, int]] = []
    score = max(sum(row) for row in counts)
    for parts in range(2, min(_MOST_PARTS, len(years)) + 1):
        total, cuts = _best_cuts(counts, len(years), parts)
        if total >= score + lead:
            score, best = total, cuts
    stretches = [_stretch(start, end, years, groups, counts, trials) for start, end in best]
    if not stretches or not all(map(_holds, stretches)):
        return None
    unknown = tuple(groups.get(None, ()))
    newest = stretches[-1]._replace(positions=tuple(sorted((*stretches[-1].positions, *unknown))))
    ordered = (newest, *reversed(stretches[:-1])) if by else ()
    return Split(by, ordered)


def _best_cuts(counts: Sequence[Sequence[int]], years: int, parts: int) -> tuple[int, list[tuple[int, int]]]:
    """The most matches of so many stretches, and where these begin and end."""
    best: dict[tuple[int, int], tuple[int, list[tuple[int, int]]]] = {(0, 0): (0, [])}
    for end in range(1, years + 1):
        for part in range(1, parts + 1):
            ways = [
                (total + max(sum(row[start:end]) for row in counts), [*cuts, (start, end)])
                for start in range(end)
                if (start, part - 1) in best
                for total, cuts in (best[start, part - 1],)
            ]
            if ways:
                best[end, part] = max(ways, key=lambda way: way[0])
    return best[years, parts]


def _stretch(
    start: int,
    end: int,
    years: Sequence[int],
    groups: Mapping[int | None, Sequence[int]],
    counts: Sequence[Sequence[int]],
    trials: Sequence[Trial],
) -> Stretch:
    at = max(range(len(trials)), key=lambda number: sum(counts[number][start:end]))
    intakes = tuple(years[start:end])
    return Stretch(intakes, tuple(sorted(spot for year in intakes for spot in groups[year])), trials[at])


def _holds(stretch: Stretch) -> bool:
    return stretch.trial.matched_at(stretch.positions) > _LEAST_RATE * len(stretch.positions)
