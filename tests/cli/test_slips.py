"""`trackone slips`, as a school secretary uses it."""

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from connector.cli.slips import _name, _readable
from connector.domain.account import Account
from connector.report.typeface import Typefaces
from connector.services.slips import Recipient, Selection
from tests.acceptance.test_secrets import _found, _kept
from tests.cli.command import start, trackone
from tests.servers.binaries import needed
from tests.services.school import School, row

RANDOM = '[usernames]\nmethod = "initial_surname"\n[passwords]\nmethod = "random"\n'


def text(pdf):
    """What a reader sees in it."""
    needed("pdftotext")
    command = [shutil.which("pdftotext"), "-layout", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def verifiers(folder):
    """What the store keeps of the passwords."""
    with closing(sqlite3.connect(folder / "trackone.db")) as connection:
        return dict(connection.execute("SELECT username, verifier FROM accounts"))


@pytest.fixture
def new(tmp_path):
    """A school whose run 1 created three accounts."""
    made = School(tmp_path, RANDOM)
    made.write([row("S1", "Amelia", "Quillfeather"), row("S2", "王", "小明"), row("S3", "Bodhi", "Nguyen")])
    rules = made.folder / "students.toml"
    rules.write_text(rules.read_text().replace('"initial_surname"', '"student_code"'))
    assert trackone("sync", folder=made.folder).code == 0
    return made


def test_slips_are_printed_and_can_be_signed_in_with(new):
    """The PDF is private, holds one password for each, and the store the verifiers that fit."""
    from connector.credentials import check  # noqa: PLC0415 - argon2 is paid for here

    answer = trackone("slips", "--run", "1", "-o", "slips.pdf", folder=new.folder)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("3 slips in slips.pdf. It is the only copy")
    pdf = new.folder / "slips.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")
    if sys.platform != "win32":
        assert pdf.stat().st_mode & 0o777 == 0o600
    said = text(pdf)
    words = re.findall(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){2}\b", said)
    assert len(words) == 3
    for name, verifier in verifiers(new.folder).items():
        assert verifier.startswith("$argon2id$")
        assert sum(check(verifier, word, b"") for word in words) == 1, name
    assert "Amelia Quillfeather" in said


def test_the_passwords_are_on_the_paper_only(new):
    """No file but the PDF, no output and no log holds one, in any dress."""
    answer = trackone("--verbose", "--log-json", "slips", "--run", "1", "-o", "slips.pdf", folder=new.folder)
    words = re.findall(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){2}\b", text(new.folder / "slips.pdf"))
    (new.folder / "slips.pdf").rename(new.folder.parent / "slips.pdf")
    try:
        haystack = _kept(new.folder) + answer.data + answer.err.encode()
        assert [word for word in words if _found(haystack, word.encode())] == []
        assert len(words) == 3
    finally:
        (new.folder.parent / "slips.pdf").unlink()


def test_a_second_time_prints_nothing_without_being_asked_to(new):
    """Those slips may be on their way to the children; --again makes new ones."""
    trackone("slips", "--run", "1", "-o", "one.pdf", folder=new.folder)
    before = verifiers(new.folder)
    again = trackone("slips", "--run", "1", "-o", "two.pdf", folder=new.folder)
    assert (again.code, again.out) == (1, "")
    assert "3 have a slip of run 2" in again.err
    assert not (new.folder / "two.pdf").exists()
    assert verifiers(new.folder) == before
    assert trackone("slips", "--run", "1", "--again", "-o", "two.pdf", folder=new.folder).code == 0
    assert set(verifiers(new.folder).values()) & set(before.values()) == set()


def test_slips_that_lie_there_are_not_written_over(new):
    """The other file may be the only copy of passwords that hold."""
    (new.folder / "slips.pdf").write_bytes(b"others")
    answer = trackone("slips", "--run", "1", "-o", "slips.pdf", folder=new.folder)
    assert (answer.code, (new.folder / "slips.pdf").read_bytes()) == (2, b"others")
    assert "slips.pdf is there already" in answer.err
    assert json.loads(trackone("runs", "list", "--format", "json", folder=new.folder).out)[0]["command"] == "sync"


@pytest.mark.parametrize("per_page", ["1", "8"])
def test_one_a_page_or_eight(new, per_page):
    """As the school likes to cut."""
    words = ("slips", "--run", "1", "--per-page", per_page, "-o", "slips.pdf")
    assert trackone(*words, folder=new.folder).code == 0
    assert text(new.folder / "slips.pdf").count("\f") == (3 if per_page == "1" else 1)


def test_a_place_that_cannot_be_written_sets_nothing(new):
    """No folder, no slips, no new passwords."""
    before = verifiers(new.folder)
    answer = trackone("slips", "--run", "1", "-o", "nowhere/slips.pdf", folder=new.folder)
    assert answer.code == 2
    assert "nowhere/slips.pdf" in answer.err
    assert verifiers(new.folder) == before


def test_a_class_that_is_not_there_prints_nothing(new):
    """It says how many there would be without it."""
    answer = trackone("slips", "--run", "1", "--class", "9Z", "-o", "slips.pdf", folder=new.folder)
    assert (answer.code, "3 not in 9Z" in answer.err) == (1, True)


def test_a_name_that_no_font_shows_is_replaced_by_the_code(tmp_path):
    """The slip can still be handed to the right child; a username that cannot be shown would be of no use."""
    bare = Typefaces([tmp_path])
    somebody = Recipient(Account("s2", "S2", family_name="王", given_names="小明"), "7A")
    assert _name(somebody, bare) == "S2"
    assert _name(somebody._replace(account=Account("amy", "S1", given_names="Amélie")), bare) == "Amélie"
    unreadable = somebody._replace(account=Account("王小明", "S3"))
    kept = _readable(Selection(1, (somebody, unreadable), {}), bare)
    assert (kept.recipients, kept.left_out) == ((somebody,), {"no font shows the username": 1})


def test_who_needs_no_password_is_said(tmp_path):
    """Where TrackOne asks the network, a slip opens nothing by itself."""
    school = School(tmp_path, RANDOM.replace('"random"', '"none"'))
    school.write([row("S1", "Amelia", "Quillfeather")])
    trackone("sync", folder=tmp_path)
    answer = trackone("slips", "--run", "1", "-o", "slips.pdf", folder=tmp_path)
    assert "1 of them sign in with their network password" in answer.out.replace("\n", " ")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9")
def test_a_kill_sets_all_passwords_or_none(tmp_path):
    """Killed at any moment: either no password is set, or all are and the PDF is there whole."""
    school = School(tmp_path, RANDOM)
    school.write([row(f"S{number}", f"Given{number}", f"Family{number}") for number in range(16)])
    trackone("sync", folder=tmp_path)
    began = time.monotonic()
    assert start("slips", "--run", "1", "-o", "rehearsal.pdf", folder=tmp_path).communicate()
    whole = time.monotonic() - began
    for part in (0.8, 0.95, 1.02):
        before = verifiers(tmp_path)
        going = start("slips", "--run", "1", "--again", "-o", f"{part}.pdf", folder=tmp_path)
        time.sleep(whole * part)
        going.send_signal(signal.SIGKILL)
        going.communicate()
        after = verifiers(tmp_path)
        changed = sum(after[name] != before[name] for name in before)
        assert changed in (0, 16)
        if changed:
            assert text(tmp_path / f"{part}.pdf").count("One-time password") == 16
