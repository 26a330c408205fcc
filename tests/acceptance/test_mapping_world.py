"""Names of many countries and hostile texts as a school's export, through the real command."""

import csv
import json
import re
from contextlib import ExitStack
from functools import partial
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from unicodedata import category

import pytest

from connector.mapping.keys import fold_key
from tests.cli.command import in_memory, trackone
from tests.services.school import School, row

DATA = Path(__file__).parents[1] / "data"
SAFE = re.compile(r"[a-z0-9](?:[._-]?[a-z0-9])*")
RULES = """
[scope]
overwrite = true
[usernames]
method = "initial_surname"
{more}
[passwords]
method = "none"
"""
POLICIES = {
    "skip": "",
    "transliterate": 'non_latin = "transliterate"\n',
    "code": 'non_latin = "code"\n',
}
BIDI = {*map(chr, (0x200B, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF))}


def _naughty() -> list[str]:
    text = (DATA / "naughty-strings" / "blns.txt").read_text("utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("#") and "\0" not in line]


def _names(kind: str) -> list[str]:
    path = DATA / "names-by-country" / f"common-{kind}-by-country.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return sorted({one["Localized Name"] for one in csv.DictReader(lines)} - {""})


def _everybody() -> list[dict[str, str]]:
    """Every hostile text as given name, as family name and elsewhere; every family name of the world."""
    people = []
    for number, text in enumerate(_naughty()):
        people.append(row(f"N{number}", text, "Smith", campus=text, preferred_name=text, email=f"{text}@x.example"))
        people.append(row(f"F{number}", "Amy", text, middle_name=text, year_level=text, network_login=text))
    given = _names("forenames")
    for number, family in enumerate(_names("surnames")):
        people.append(row(f"W{number}", given[number % len(given)], family, middle_name=given[-number % len(given)]))
    return people


class Page(HTMLParser):
    """What in a page could act: scripts, handlers of events, and where links lead."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        super().__init__()
        self.scripts = 0
        self.acting: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count scripts, and note attributes that act and addresses outside the page."""
        self.tags.add(tag)
        self.scripts += tag == "script"
        for name, value in attrs:
            if name.startswith("on") or (
                name in ("href", "src", "action") and not (value or "").startswith(("#", "data:,"))
            ):
                self.acting.add(f"{name}={value}")


def _page(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    return page


def _acting(text: str) -> set[str]:
    """The controls (but line ends and tabs), bidi signs and invisible signs of a text."""
    return {sign for sign in text if (category(sign) == "Cc" and sign not in "\r\n\t") or sign in BIDI}


@pytest.fixture(scope="module")
def worlds():
    """By policy, the command on a school of everybody after its first sync, made when it is asked for."""
    made = {}
    with ExitStack() as folders:

        def world(policy: str):
            if policy not in made:
                folder = Path(folders.enter_context(in_memory()))
                school = School(folder, RULES.format(more=POLICIES[policy]), '[guard]\nmax_rejects = "100%"\n')
                school.write(_everybody())
                run = partial(trackone, folder=folder)
                answer = run("sync")
                assert (answer.code, answer.err) == (0, "")
                made[policy] = run
            return made[policy]

        yield world


@pytest.fixture
def world(worlds):
    """The school whose rules spell what they can."""
    return worlds("transliterate")


@pytest.mark.parametrize("policy", POLICIES)
def test_everybody_has_a_safe_username_or_a_reason(worlds, policy):
    """No two usernames are alike under folding, each is safe, and who has none is told why."""
    world = worlds(policy)
    accounts = json.loads(world("accounts", "export", "--format", "json").out)
    names = [one["username"] for one in accounts]
    assert len({fold_key(name) for name in names}) == len(names) > 2000
    assert [name for name in names if not SAFE.fullmatch(name.lower()) or len(name) > 20] == []
    skips = {one["sis_code"]: one["reason"] for one in json.loads(world("plan", "--format", "json").out)["skips"]}
    codes = {one["sis_code"] for one in accounts} | set(skips)
    assert {one["sis_code"] for one in _everybody()} - codes == set()


@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_is_left_to_do(worlds, policy):
    """What was written is what was meant: a plan and a second sync find nothing to change."""
    world = worlds(policy)
    plan = json.loads(world("plan", "--format", "json").out)
    assert plan["changes"] == []
    assert world("sync").out.startswith("Run 2. Nothing had to change.")


TEXTS = [
    ("plan",), ("plan", "--format", "csv"), ("plan", "--format", "json"), ("accounts", "export"),
    ("accounts", "export", "--format", "json"), ("accounts", "list"), ("runs",), ("runs", "show", "1"),
    ("runs", "show", "1", "--format", "json"), ("runs", "undo", "1"), ("why", "N100"), ("why", "F300"),
    ("check", "--connect"),
]  # fmt: skip


@pytest.mark.parametrize("words", TEXTS, ids=" ".join)
def test_no_answer_holds_a_sign_that_acts(world, words):
    """No control, no override of direction and no invisible sign in any text; JSON parses, CSV has even lines.

    The export as CSV is data that an import reads back: it keeps what names hold, but begins no formula.
    """
    answer = world(*words)
    text = answer.out.removeprefix("\ufeff")
    assert (answer.code, set() if words == ("accounts", "export") else _acting(text)) == (0, set())
    if "json" in words:
        json.loads(text)
    elif "csv" in words or words == ("accounts", "export"):
        rows = list(csv.reader(StringIO(text, newline=""), strict=True))
        assert len({len(one) for one in rows}) == 1
        assert {cell[:1] for one in rows for cell in one} & set("=+-@\t") == set()


def test_the_plan_file_is_harmless_and_still_whole(world, tmp_path):
    """The signed plan file holds no sign that acts, and is applied all the same."""
    target = tmp_path / "plan.json"
    world("plan", "-o", target)
    assert _acting(target.read_text("utf-8")) == set()
    assert world("apply", target).code == 0


def test_a_page_of_hostile_names_does_nothing(world):
    """The HTML page has its own scripts only, as many as a harmless school's, and no handler or foreign address."""
    page = world("plan", "--format", "html").out
    seen = _page(page)
    assert _acting(page) == set()
    assert seen.acting == set()
    with in_memory() as folder:
        school = School(Path(folder), RULES.format(more=""))
        school.write([row("S1", "", ""), row("S2", "Ann", "Lee")])
        plain = _page(trackone("plan", "--format", "html", folder=school.folder).out)
    assert seen.scripts == plain.scripts
    assert seen.tags - plain.tags <= {"details", "summary"}


def test_a_first_plan_of_hostile_names_is_harmless(tmp_path):
    """Creates show the names themselves: as text, table, page and plan file."""
    school = School(tmp_path, RULES.format(more=POLICIES["code"]), '[guard]\nmax_rejects = "100%"\n')
    school.write(_everybody()[:800])
    run = partial(trackone, folder=tmp_path)
    for form in ("text", "csv", "json", "html"):
        answer = run("plan", "--format", form)
        assert answer.code == 0
        assert _acting(answer.out.removeprefix("\ufeff")) == set(), form
    assert _page(answer.out).acting == set()
    run("plan", "-o", "plan.json")
    assert run("apply", "plan.json").code == 0
