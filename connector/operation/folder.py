"""The folder in which the reports of unattended syncs lie."""

import os
import re
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from html import unescape
from pathlib import Path

from connector.domain.errors import OperationError

OURS = re.compile(r"(run|refused)-[0-9TZ-]+\.html")
"""What our reports are called; nothing else in the folder is ever deleted."""


class Folder:
    """What `ReportFolder` promises, on a disk; the folder is made when the first report comes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, name: str, content: str) -> None:
        """Put a report there, whole or not at all, readable by its owner only."""
        draft = self._path / f".{name}.{os.getpid()}.new"
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
            draft.replace(self._path / name)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise self._fault("written", error) from error

    def drop_before(self, moment: datetime) -> int:
        """Delete the reports that are older; returns how many."""
        try:
            old = [file for file in self._reports() if file.stat().st_mtime < moment.timestamp()]
            for file in old:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise self._fault("deleted", error) from error
        return len(old)

    def drop_naming(self, words: Collection[str]) -> int:
        """Delete the reports in which one of the words stands, as a word of its own; returns how many."""
        named = [re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])") for word in words if word]
        try:
            pages = ((file, unescape(file.read_text("utf-8"))) for file in self._reports() if named)
            found = [file for file, page in pages if any(one.search(page) for one in named)]
            for file in found:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise self._fault("deleted", error) from error
        return len(found)

    def _reports(self) -> list[Path]:
        return [file for file in self._path.glob("*.html") if OURS.fullmatch(file.name) and file.is_file()]

    def _fault(self, what: str, error: OSError) -> OperationError:
        return OperationError(
            f"{self._path}: a report cannot be {what}: {error.strerror or error}", hint="check [run] reports"
        )
