"""Which font shows a text: the one that comes with us, or one that this machine has."""

import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import uharfbuzz as harfbuzz

SHIPPED = "NotoSans.ttf"
SHIPPED_MONO = "NotoSansMono.ttf"
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_STYLES = ("bold", "italic", "oblique", "light", "thin", "black", "mono", "condensed", "display", "emoji")
# The plainest of what systems have comes first, so that a name is set in the font a reader expects.
_PREFERRED = ("notosans", "segoeui", "arial", "nirmala", "leelaw", "malgun", "msyh", "yugoth", "dejavusans")


class Face(NamedTuple):
    """One face of a font file, by what it can show; `number` is its place in a collection."""

    path: Path
    number: int
    covers: frozenset[int]


def shipped(name: str) -> Path:
    """A font file that comes with us."""
    return Path(str(files("connector.report") / "fonts" / name))


def system_folders(platform: str = sys.platform, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Where this kind of system keeps its fonts."""
    home = Path.home()
    if platform == "win32":
        own = Path(environ.get("LOCALAPPDATA", str(home / "AppData/Local"))) / "Microsoft/Windows/Fonts"
        return [Path(environ.get("WINDIR", "C:/Windows")) / "Fonts", own]
    if platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts"]


class Typefaces:
    """The fonts of a machine, looked into only when the shipped one does not do."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._faces = [*_faces(shipped(SHIPPED))]
        self._looked = False

    def for_text(self, text: str) -> list[Face]:
        """The faces that show the text together, best one face alone; what none of them covers cannot be shown."""
        wanted = needed(text)
        for face in self._known(wanted):
            if wanted <= face.covers:
                return [face]
        chosen: list[Face] = []
        while wanted:
            best = max(self._faces, key=lambda face: len(wanted & face.covers))
            if not wanted & best.covers:
                break
            chosen.append(best)
            wanted -= best.covers
        return chosen or self._faces[:1]

    def missing(self, text: str) -> str:
        """The signs of the text that no font shows, each once."""
        wanted = needed(text)
        for face in self._known(wanted):
            wanted = wanted - face.covers
        return "".join(map(chr, sorted(wanted)))

    def _known(self, wanted: frozenset[int]) -> Iterator[Face]:
        """The faces, those of the machine only where the shipped one does not do."""
        yield self._faces[0]
        if not wanted <= self._faces[0].covers:
            if not self._looked:
                self._looked = True
                self._faces += [face for file in _font_files(self._folders) for face in _faces(file)]
            yield from self._faces[1:]


def needed(text: str) -> frozenset[int]:
    """The signs a font must have to show the text; joiners and blanks need no sign of their own."""
    return frozenset(ord(sign) for sign in text if unicodedata.category(sign) not in ("Cf", "Zs", "Cc"))


def _font_files(folders: Iterable[Path]) -> list[Path]:
    found = {
        Path(folder, name)
        for top in folders
        for folder, _, names in os.walk(top)
        for name in names
        if name.lower().endswith(_SUFFIXES)
    }
    return sorted(found, key=_plainness)


def _plainness(file: Path) -> tuple[bool, int, int, str]:
    """Sorts the plain and common before the bold, the slanted and the rare."""
    name = file.name.lower().replace("-", "").replace(" ", "")
    rank = next((at for at, begin in enumerate(_PREFERRED) if name.startswith(begin)), len(_PREFERRED))
    return any(style in name for style in _STYLES), rank, len(name), name


def _faces(file: Path) -> Iterator[Face]:
    """The faces of a file; one that cannot be read as a font has none."""
    try:
        blob = harfbuzz.Blob.from_file_path(str(file))
        for index in range(harfbuzz.Face(blob).count):
            yield Face(file, index, frozenset(harfbuzz.Face(blob, index).unicodes))
    except (harfbuzz.HarfBuzzError, OSError, ValueError):
        return
