"""Slips as a PDF: what can be read in it, and that every name has its glyphs."""

import re
import shutil
import subprocess
import zlib
from datetime import UTC, date, datetime

import pytest

from connector.report.slips import Slip, Texts, slips_pdf
from connector.report.typeface import SHIPPED, SHIPPED_MONO, Typefaces, needed, shipped, system_folders
from tests.servers.binaries import needed as program_needed
from tests.servers.binaries import refuse

TEXTS = Texts("Riverside College", "https://riverside.trackone.example", date(2026, 3, 16))
MADE = datetime(2026, 3, 2, tzinfo=UTC)
WORLD = {
    "Latin": "Zoë O’Brontë-Łukasz",
    "Vietnamese": "Nguyễn Thị Ánh",
    "Cyrillic": "Владимир Королёв",
    "Greek": "Ελένη Παπαδοπούλου",
    "Arabic": "محمد عبد الله",
    "Hebrew": "שרה כהן",
    "Devanagari": "अर्जुन शर्मा",
    "Tamil": "அருண் குமார்",
    "Thai": "สมชาย ใจดี",
    "Chinese": "王小明",
    "Japanese": "田中 さくら",
}
SHIPPED_SCRIPTS = ("Latin", "Vietnamese", "Cyrillic", "Greek")


def document(slips, per_page=8, faces=None):
    """The slips as a PDF."""
    return slips_pdf(slips, TEXTS, faces or Typefaces(system_folders()), per_page=per_page, made=MADE)


def slip(name, number=0, group="Year 7 · 7A"):
    """A slip for that name."""
    return Slip(name, f"user{number}", f"kmwt-7hqf-{number:04}", group)


def pages(data):
    """How many pages it has."""
    return len(re.findall(rb"/Type /Page\b", data))


def texts(data):
    """What an independent reader sees on each page."""
    program_needed("pdftotext")
    command = [shutil.which("pdftotext"), "-layout", "-enc", "UTF-8", "-", "-"]
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def plain(text):
    """A line without marks of direction, and its blanks single."""
    return " ".join(re.sub("[\u200e\u200f\u202a-\u202e]", "", text).split())


@pytest.mark.servers
@pytest.mark.parametrize("per_page", [1, 8])
def test_a_reader_finds_name_username_and_password(per_page):
    """Every slip can be read back whole, in order, with where and until when to sign in."""
    some = [slip(f"Amelia{number} Quillfeather", number) for number in range(11)]
    said = texts(document(some, per_page))
    assert len(said) == (11 if per_page == 1 else 2)
    whole = plain(" ".join(said))
    for one in some:
        assert all(whole.count(word) == 1 for word in (one.name, one.password))
        assert len(re.findall(rf"\b{one.username}\b", whole)) == 1
    assert whole.count("Sign in at https://riverside.trackone.example.") == 11
    assert whole.count("16 March 2026") == 11


@pytest.mark.servers
@pytest.mark.parametrize("script", WORLD)
def test_names_of_the_world_read_as_they_are_spelt(script):
    """The right letters in the right order, joined and turned as the script has it."""
    faces = Typefaces(system_folders())
    name = WORLD[script]
    if faces.missing(name):
        refuse(f"no font for {script} (tests/provision.sh installs them)")
    found = plain(texts(document([slip(name)], faces=faces))[0])
    assert _letters(name) <= _letters(found)


def _letters(text):
    """Base letters, since readers give ligatures and marks back in their own order."""
    return {sign for sign in text if sign.isalpha()}


@pytest.mark.servers
def test_a_class_begins_on_a_page_of_its_own():
    """Nine of one class and one of another are three pages, each named at its foot."""
    some = [slip(f"Name{number}", number) for number in range(9)] + [slip("Other", 9, "Year 8 · 8B")]
    said = texts(document(some))
    feet = [plain(page).rpartition("Year ")[2] for page in said]
    assert feet == ["7 · 7A, page 1 of 2", "7 · 7A, page 2 of 2", "8 · 8B, page 1 of 1"]


def test_a_long_name_stays_on_its_slip():
    """It is set smaller and at worst ends in an ellipsis; the document has no page more."""
    long = "Wolfeschlegelsteinhausenbergerdorff " * 12
    assert pages(document([slip(long), slip("Kim", 1)])) == 1


def test_the_shipped_fonts_show_what_most_names_need(tmp_path):
    """Without any font of the machine: Latin of Europe and Vietnam, Greek, Cyrillic; usernames and passwords."""
    bare = Typefaces([tmp_path])
    for script in SHIPPED_SCRIPTS:
        assert (script, bare.missing(WORLD[script])) == (script, "")
    assert bare.missing("王") == "王"
    assert pages(document([slip(WORLD[script]) for script in SHIPPED_SCRIPTS], faces=bare)) == 1
    assert (shipped(SHIPPED).stat().st_size + shipped(SHIPPED_MONO).stat().st_size) < 300_000
    assert "SIL OPEN FONT LICENSE" in shipped("OFL.txt").read_text("utf-8")


def test_a_font_of_the_school_is_found_first(tmp_path):
    """A folder that is named is looked into; what is no font, or a broken one, is passed over."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    (folder / "notes.txt").write_text("x")
    (folder / "broken.ttf").write_bytes(b"no font")
    (folder / "empty.otf").touch()
    (folder / "Letters.TTF").write_bytes(shipped(SHIPPED_MONO).read_bytes())
    faces = Typefaces([folder])
    assert faces.missing("ab 王") == "王"
    assert [face.path.name for face in faces._faces] == [SHIPPED, "Letters.TTF"]


def test_a_name_in_two_scripts_is_shown_with_two_fonts():
    """What no one font has is put together of several, so that no sign is silently blank."""
    faces = Typefaces(system_folders())
    mixed = WORLD["Devanagari"] + " " + WORLD["Greek"]
    if faces.missing(mixed):
        refuse("no font for Devanagari (tests/provision.sh installs them)")
    chosen = faces.for_text(mixed)
    assert needed(mixed) <= frozenset().union(*(face.covers for face in chosen))
    assert pages(document([slip(mixed)], faces=faces)) == 1


def test_a_name_can_turn_nothing_round():
    """An override of direction in a name is shown as what it is."""
    evil = document([slip("Ann\u202ejohn")])
    program_needed("pdftotext")
    assert "Ann\\u202ejohn" in plain(texts(evil)[0])


def test_the_document_says_nothing_of_its_people_outside_its_pages():
    """Title and dates are there; no password, name or username stands uncompressed in the file."""
    data = document([slip("Amelia Quillfeather", 4711)])
    assert b"One-time passwords" in data
    assert [word for word in (b"Quillfeather", b"user4711", b"kmwt") if word in data] == []
    streams = re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
    assert any(zlib.decompressobj().decompress(one) for one in streams)


@pytest.mark.parametrize(
    ("platform", "folder"),
    [("win32", "C:/Windows/Fonts"), ("darwin", "/System/Library/Fonts"), ("linux", "/usr/share/fonts")],
)
def test_each_kind_of_system_keeps_fonts_somewhere(platform, folder):
    """Where Windows, macOS and Linux have theirs, and where a user has their own."""
    found = [path.as_posix() for path in system_folders(platform, {})]
    assert found[0] == folder
    assert len(found) >= 2
