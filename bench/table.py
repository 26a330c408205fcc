"""The table a benchmark prints: seconds, ratios to their floor, limits and a verdict."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Measured(NamedTuple):
    """One size: `seconds` of csv, import, first, same and changed; `peaks_mb` of the syncs, None unknown."""

    rows: int
    rounds: int
    seconds: Mapping[str, float]
    peaks_mb: Mapping[str, float | None]


class Limit(NamedTuple):
    """What a sync is held to: its words, its floor, how many times the floor, and the peak in MB at a million."""

    words: str
    floor: str
    ratio: float
    peak_mb: float


LIMITS = {
    "first": Limit("first sync", "import", 6.0, 600.0),
    "same": Limit("re-sync, no change", "csv", 6.0, 200.0),
    "changed": Limit("re-sync, 1 % changed", "csv", 7.0, 200.0),
}
FLOORS = {"csv": "bare csv.reader pass", "import": "import, two unique indexes"}
GROWTH = 1.3
LINE = "{:<28}{:>10}{:>9}{:>8}{:>8}{:>10}{:>8}{:>8}"


def show(sizes: Sequence[Measured], tool: str) -> int:
    """Print every size, then the growth from the smallest to the largest; 1 when a limit is passed."""
    verdicts: list[bool] = []
    for size in sizes:
        print(f"\n{size.rows:,} students, median of {size.rounds}; import by {tool}")
        print(LINE.format("", "seconds", "x floor", "limit", "", "peak MB", "limit", ""))
        for name, words in FLOORS.items():
            print(LINE.format(words, f"{size.seconds[name]:.2f}", "1.0", "", "", "", "", "").rstrip())
        verdicts += [verdict for name in LIMITS for verdict in _step(size, name)]
    if len(sizes) > 1:
        verdicts += _growth(sizes[0], sizes[-1])
    print("\nAll within limits." if all(verdicts) else "\nA limit was passed.")
    return 0 if all(verdicts) else 1


def _step(size: Measured, name: str) -> list[bool]:
    limit, seconds, peak = LIMITS[name], size.seconds[name], size.peaks_mb[name]
    ratio = seconds / size.seconds[limit.floor]
    in_time, in_memory = ratio <= limit.ratio, peak is None or peak <= limit.peak_mb
    told = (f"{ratio:.1f}", f"{limit.ratio:.1f}", _word(within=in_time))
    memory = (f"{peak:.0f}", f"{limit.peak_mb:.0f}", _word(within=in_memory)) if peak is not None else ("n/a", "", "")
    print(LINE.format(limit.words, f"{seconds:.2f}", *told, *memory).rstrip())
    return [in_time, in_memory]


def _growth(small: Measured, large: Measured) -> list[bool]:
    print(f"\nGrowth from {small.rows:,} to {large.rows:,}, linear = 1.0, limit {GROWTH}")
    verdicts = []
    for name, limit in LIMITS.items():
        growth = large.seconds[name] / small.seconds[name] / (large.rows / small.rows)
        verdicts.append(growth <= GROWTH)
        print(f"{limit.words:<28}{growth:>10.2f}  {_word(within=growth <= GROWTH)}")
    return verdicts


def _word(*, within: bool) -> str:
    return "pass" if within else "over"
