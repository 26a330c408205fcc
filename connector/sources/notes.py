"""What is odd in single cells, gathered while rows are read, so that a report can name it once with its count."""

from dataclasses import dataclass, field


def counted(count: int) -> str:
    """How many rows, in words."""
    return f"{count} row" if count == 1 else f"{count} rows"


@dataclass(slots=True)
class Notes:
    """Counts and first places of odd cells: by what is odd about them, and the word where it is no one's name."""

    seen: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    limit: int = 200

    def add(self, kind: str, word: str, place: str) -> None:
        """Count one cell; beyond `limit` different ones only the kind is counted."""
        key = (kind, word[:40])
        if key not in self.seen and len(self.seen) >= self.limit:
            key = (kind, "...")
        count, first = self.seen.get(key, (0, place))
        self.seen[key] = (count + 1, first)

    def lines(self) -> list[str]:
        """One line for each, in the order of first sight; a kind is a sentence with {word} and {rows} in it."""
        return [
            kind.format(word=word, rows=f"{counted(count)}, first {first}")
            for (kind, word), (count, first) in self.seen.items()
        ]
