"""Many schools on one machine: one after the other, each on its own, and a summary."""

import json

import pytest

from tests.cli.command import trackone
from tests.fleet.district import accounts, district, people, runs
from tests.services.school import School


@pytest.fixture
def folder(tmp_path):
    """Three schools, school-9 before school-10."""
    district(tmp_path / "schools", ["school-10", "school-9", "lakeside"], students=30)
    return tmp_path / "schools"


def test_every_school_is_done_once(folder, tmp_path):
    """One command synchronises all; the summary has them in the order people count, with what was done."""
    answer = trackone("fleet", "sync", "schools", folder=tmp_path)
    assert (answer.code, answer.err) == (0, "")
    lines = [line.split() for line in answer.out.splitlines() if "run 1" in line]
    assert [line[0] for line in lines] == ["lakeside", "school-9", "school-10"]
    assert all("+30" in line for line in lines)
    assert answer.out.splitlines()[-1] == "3 done; 90 students in all."
    for name in ("lakeside", "school-9", "school-10"):
        assert len(runs(folder / name)) == 1
        assert len(accounts(folder / name)) == 30


def test_one_schools_trouble_is_nobody_elses(folder, tmp_path):
    """A school that fails and one that the guard refuses are told of; the third is done, and the exit code is 1."""
    trackone("fleet", "sync", "schools", folder=tmp_path)
    (folder / "school-9" / "students.csv").unlink()
    School(folder / "lakeside").write(people(2, 30)[:3])
    answer = trackone("fleet", "sync", "schools", "--format", "json", folder=tmp_path)
    told = {one["school"]: one["last"] for one in json.loads(answer.out)["schools"]}
    assert {name: last["ending"] for name, last in told.items()} == {
        "lakeside": "refused", "school-9": "failed", "school-10": "done",
    }  # fmt: skip
    assert told["lakeside"]["refused"] == ["max-shrink"]
    assert "students.csv" in told["school-9"]["message"]
    assert answer.code == 1
    assert "2 of 3 schools were not synchronised: lakeside (refused), school-9 (failed)" in answer.err
    quiet = trackone("--quiet", "fleet", "sync", "schools", folder=tmp_path)
    assert "2 of 3 schools were not synchronised: lakeside (refused), school-9 (failed)" in quiet.err
    text = trackone("fleet", "status", "schools", folder=tmp_path).out
    assert "lakeside: refused by the guard (max-shrink); nothing was written" in text
    assert "1 refused, 1 failed and 1 done" in text
    School(folder / "school-9").write(people(1, 30))
    assert trackone("fleet", "sync", "schools", folder=tmp_path).code == 3


def test_a_configuration_that_is_wrong_stops_that_school_only(folder, tmp_path):
    """A school whose configuration cannot be read is a failure with the line in it; the others are done."""
    (folder / "school-9" / "connector.toml").write_text("[sis]\nreadr = 'csv'\n")
    answer = trackone("fleet", "sync", "schools", folder=tmp_path)
    assert answer.code == 1
    rows = [line.split() for line in answer.out.splitlines()]
    assert next(row for row in rows if row[:1] == ["school-9"])[-1] == "unknown"
    assert "school-9/connector.toml:2: [sis] readr" in " ".join(answer.out.split())
    assert [len(runs(folder / name)) for name in ("lakeside", "school-10")] == [1, 1]


def test_some_schools_only(folder, tmp_path):  # noqa: ARG001 - the schools are there
    """--school names those that are to be done."""
    assert trackone("fleet", "sync", "schools", "--school", "lakeside", folder=tmp_path).code == 0
    text = trackone("fleet", "status", "schools", folder=tmp_path).out
    assert "1 done and 2 never synchronised" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "nowhere: not a folder"),
        (("empty",), "empty: no school's configuration here"),
        (("schools/lakeside",), "schools/lakeside: the folder of one school, not of several"),
        (("schools", "--school", "elsewhere"), "schools: there is no school elsewhere"),
        (("schools", "--as-of", "monday"), "--as-of monday: not a date"),
        (("schools", "--queue", "sqlite:///queue.db"), "--queue: not a PostgreSQL database"),
        (
            ("schools", "--queue", "postgresql+psycopg://x@127.0.0.1:1/x", "--wait", "soon"),
            "soon: not a span of time",
        ),
    ],
)
def test_wrong_words_are_told(folder, tmp_path, words, message):  # noqa: ARG001 - the schools are there
    """What is wrong with the command is said with exit code 2, before anything is done."""
    (tmp_path / "empty").mkdir()
    answer = trackone("fleet", "sync", *words, folder=tmp_path)
    assert answer.code == 2
    assert message in answer.err


def test_two_schools_with_one_store_are_refused(folder, tmp_path):
    """Schools that would write to the same store are named before anything is done."""
    config = folder / "lakeside" / "connector.toml"
    config.write_text(config.read_text() + '[store]\nurl = "sqlite:///../school-9/trackone.db"\n')
    answer = trackone("fleet", "sync", "schools", folder=tmp_path)
    assert answer.code == 2
    assert "the schools lakeside and school-9 have the same store" in answer.err


def test_a_school_is_there_once(folder, tmp_path):
    """NAME.toml beside NAME/connector.toml is refused."""
    (folder / "lakeside.toml").write_text((folder / "lakeside" / "connector.toml").read_text())
    answer = trackone("fleet", "status", "schools", folder=tmp_path)
    assert answer.code == 2
    assert "the school lakeside is there twice" in answer.err


def test_a_worker_needs_a_queue(folder, tmp_path):  # noqa: ARG001 - the schools are there
    """Without a queue a worker has nothing to do, and says what to do instead."""
    answer = trackone("fleet", "work", "schools", folder=tmp_path)
    assert answer.code == 2
    assert "fleet work needs --queue" in answer.err


def test_a_queue_that_cannot_be_reached_is_told(folder, tmp_path):  # noqa: ARG001 - the schools are there
    """The command and the worker end with exit code 1 and one message."""
    for words in (("sync",), ("work",)):
        answer = trackone(
            "fleet", *words, "schools", "--queue", "postgresql+psycopg://x@127.0.0.1:1/x", folder=tmp_path
        )
        assert answer.code == 1
        assert answer.err.startswith("trackone: the queue's database cannot be used: connection failed")
