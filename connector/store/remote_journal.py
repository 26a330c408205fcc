"""What has reached the service already: a file beside the state, one line for every outcome."""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from connector.domain.errors import StoreError


@dataclass
class RemoteJournal:
    """The journal at `path`: all runs through `through` are done, and of run `run` the changes in `done`.

    It holds numbers only, nobody's data. A last line that a crash cut short counts as never written: the change it
    spoke of is looked for at the service, as every change is.
    """

    path: Path
    through: int = 0
    run: int = 0
    done: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Read what is there."""
        try:
            lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        except OSError as error:
            raise self._unusable("read", error) from error
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):  # cut short
                self._take(json.loads(line))

    def left(self, runs: Iterable[int]) -> list[int]:
        """Which of all the runs are not done at the service, the oldest first.

        Raises StoreError where the file does not belong to these runs: nobody can tell then.
        """
        numbers = sorted(runs)
        newest = numbers[-1] if numbers else 0
        if not newest and (self.through or not self.path.exists()):
            self.finish(0)
        if not self.path.exists() or self.through > newest:
            done = json.dumps({"through": newest})
            raise StoreError(
                f"{self.path.name}, which says how far the runs here have got at the service, is missing or too new",
                hint=f"Restore both of one moment; if nothing is left to do there, write {done} into it.",
            )
        return [number for number in numbers if number > self.through]

    def note(self, run: int, sequences: Iterable[int]) -> None:
        """These changes of a run are done at the service."""
        facts = [{"run": run, "sequence": sequence} for sequence in sequences]
        if facts:
            self._write(facts, "a")

    def finish(self, run: int) -> None:
        """Nothing is left to do of any run through this one; the file begins afresh."""
        self._write([{"through": run}], "w")

    def _take(self, facts: dict[str, int]) -> None:
        if "through" in facts:
            self.through, self.run, self.done = int(facts["through"]), 0, set()
            return
        run, sequence = int(facts["run"]), int(facts["sequence"])
        if run != self.run:
            self.run, self.done = run, set()
        self.done.add(sequence)

    def _write(self, facts: list[dict[str, int]], mode: str) -> None:
        target = self.path if mode == "a" else self.path.with_name(f"{self.path.name}.new")
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if mode == "a" else os.O_TRUNC)
        try:
            descriptor = os.open(target, flags, 0o600)
            try:
                os.write(descriptor, "".join(f"{json.dumps(one)}\n" for one in facts).encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if target != self.path:
                target.replace(self.path)
        except OSError as error:
            raise self._unusable("written", error) from error
        for one in facts:
            self._take(one)

    def _unusable(self, done: str, error: OSError) -> StoreError:
        return StoreError(f"{self.path.name} cannot be {done}: {error.strerror}", hint="Check who may write there.")
