"""The HTML pages: well-formed, closed to everything foreign, readable by everybody."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from connector.domain.account import Account
from connector.domain.finding import finding
from connector.domain.plan import Action, Change, Skip
from connector.report.alignment_html import alignment_html
from connector.report.plan_html import plan_html
from tests.report import samples as s
from tests.report.test_terminal import HOSTILE

VOID = {"meta", "link", "input", "br", "rect", "path", "circle"}


class Reader(HTMLParser):
    """Reads a page strictly: every tag closed in order, every id once."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the element as open."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element closed in its own tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Only the innermost open element may close."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text, by the element it stands in."""
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)


def read(page: str) -> Reader:
    """The page, read to its end."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def hostile_pages(text: str) -> list[str]:
    """Both pages with the text wherever a file or a directory could bring it in."""
    account = Account(text, text, family_name=text, given_names=text, year_level=text, campus=text, roles=(text,))
    changes = (
        Change(Action.CREATE, None, account, (), (text,)),
        Change(Action.UPDATE, account, account._replace(email=text), ("email",), (text,)),
    )
    found = finding(
        "username-differs", sis_code=text, username=text, login=text, dn=text, detail=text, suggestion=text
    )
    unknown = finding("new-code", sis_code=text, detail=text)
    names = {text: text}
    skips = (Skip(text, "empty-username", text, text),)
    plan = replace(s.PLAN, changes=changes, skips=skips, findings=(found, unknown), inputs={"sis": {"source": text}})
    alignment = replace(
        s.ALIGNMENT,
        findings=(found, unknown),
        by_year={text: s.ALIGNMENT.by_year["7"]},
        by_campus={text: s.ALIGNMENT.by_year["7"], "b": s.ALIGNMENT.by_year["7"]},
        completeness=replace(s.COMPLETENESS, complete=False, reason=text, filter=text, bases=(text,)),
    )
    return [plan_html(plan, text, names=names), alignment_html(alignment, text, s.AS_OF, names=names, skips=skips)]


PAGES = {
    "plan": plan_html(s.PLAN, s.SCHOOL, names=s.NAMES),
    "refused": plan_html(s.REFUSED, s.SCHOOL),
    "undo": plan_html(s.UNDO, s.SCHOOL),
    "nothing": plan_html(replace(s.PLAN, changes=(), skips=(), findings=(), guard=()), ""),
    "alignment": alignment_html(s.ALIGNMENT, s.SCHOOL, s.AS_OF, names=s.NAMES, campuses=s.CAMPUSES, skips=s.SKIPS),
    "all well": alignment_html(replace(s.ALIGNMENT, findings=(), by_campus={}), "", s.AS_OF),
    "nobody": alignment_html(replace(s.ALIGNMENT, students=0, matched=0, findings=(), by_year={}), "", s.AS_OF),
}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_well_formed(name: str) -> None:
    """Every tag is closed in order, every id is used once, and every reference to an id finds it."""
    tags = read(PAGES[name]).tags
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(set(ids)) == len(ids)
    pointed = [attrs["href"].removeprefix("#") for tag, attrs in tags if tag == "a"]
    for attrs in (attrs for _, attrs in tags):
        pointed += (attrs.get("aria-labelledby") or "").split()
    assert set(pointed) <= set(ids)


@pytest.mark.parametrize("name", PAGES)
def test_page_lets_nothing_foreign_in(name: str) -> None:
    """The policy allows exactly the page's own style and script by their SHA-256, and nothing points outside."""
    reader = read(PAGES[name])
    policy = next(
        attrs["content"] for _, attrs in reader.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    for tag in ("style", "script"):
        text = "".join(reader.texts[tag])
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for _, attrs in reader.tags:
        assert "style" not in attrs
        assert not [key for key in attrs if key.startswith("on")]
        assert not attrs.get("src")
        assert (attrs.get("href") or "#").startswith(("#", "data:,"))
    assert "@import" not in PAGES[name]
    assert "url(" not in PAGES[name]
    assert "http://" not in PAGES[name]
    assert "https://" not in PAGES[name]


@pytest.mark.parametrize(
    "text", [*HOSTILE, "</title><img src=x onerror=alert(1)>", '" onload="x', "{{ 7*7 }}"], ids=str
)
def test_hostile_text_stays_text(text: str) -> None:
    """Whatever a name holds, it makes no element, no attribute and no unseen sign on the page."""
    for page in hostile_pages(text):
        reader = read(page)
        assert len([tag for tag, _ in reader.tags if tag == "script"]) == 1
        assert not {"img", "red"} & {tag for tag, _ in reader.tags}
        assert not [key for _, attrs in reader.tags for key in attrs if key.startswith("on")]
        assert not {"\x1b", "\u202e", "\r"} & set(page)
        assert "49" not in "".join(reader.texts["title"])


def test_right_to_left_names_keep_their_direction() -> None:
    """A name decides its own direction, so that an Arabic one does not turn its row around."""
    assert '<span class="name" dir="auto" title="ليلى حداد">ليلى حداد</span>' in PAGES["alignment"]
    assert '<span class="name" dir="auto" title="ليلى حداد">ليلى حداد</span>' in PAGES["plan"]


def test_without_script_everything_is_visible() -> None:
    """Only the filter and its empty notice are hidden until the script shows them; no row is."""
    hidden = [(tag, attrs.get("class")) for tag, attrs in read(PAGES["alignment"]).tags if "hidden" in attrs]
    assert hidden == [("div", "bar"), ("p", "empty")]


def test_what_a_table_leaves_out_is_said() -> None:
    """A page with more findings than it shows names how many more there are, and the command for them."""
    page = alignment_html(s.ALIGNMENT, s.SCHOOL, s.AS_OF, most=3)
    assert page.count("<tr data-keys=") == 3
    assert "and 5 more: trackone align --format csv" in page
    page = plan_html(s.PLAN, s.SCHOOL, most=2)
    assert "and 3 more: trackone plan --format csv" in page


def test_the_chart_speaks() -> None:
    """The chart has a title, and a description with every year level and its numbers in words."""
    assert (
        '<title id="years-title">Usernames that equal the network login, by year level</title>' in PAGES["alignment"]
    )
    assert "P: 0 of 12, 0%. Year 7: 204 of 204, 100%. Year 10: 180 of 200, 90.0%." in PAGES["alignment"]
    assert "Year 7: 1 to create." in PAGES["plan"]


def test_a_row_carries_the_keys_of_every_chip_and_group() -> None:
    """Each chip and each group of findings selects at least one row."""
    tags = read(PAGES["alignment"]).tags
    keys = {key for _, attrs in tags for key in (attrs.get("data-keys") or "").split()}
    chips = {attrs["data-key"] for _, attrs in tags if attrs.get("data-key")}
    groups = {attrs["href"].removeprefix("#only-") for tag, attrs in tags if tag == "a" and "#only-" in attrs["href"]}
    assert chips == {"error", "warning", "info", "new"}
    assert chips | groups == keys


def tokens(css: str) -> dict[str, str]:
    """The custom properties of a block that are colours."""
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definitions)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


STYLE = files("connector.report").joinpath("style.css").read_text("utf-8")
LIGHT = tokens(STYLE[: STYLE.index("@media")])
DARK = {**LIGHT, **tokens(STYLE[STYLE.index("@media") : STYLE.index("*, *::before")])}
PAIRS = [
    *((text, ground) for text in ("ink", "muted", "blue", "ok", "warn", "bad") for ground in ("paper", "wash")),
    *((f"{tone}-ink", f"{tone}-ground") for tone in ("ok", "warn", "bad", "info")),
    *(("navy-ink", "navy"), ("navy-muted", "navy")),
]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
def test_every_text_is_readable_on_its_ground(theme: dict[str, str], pair: tuple[str, str]) -> None:
    """Each colour of text has a contrast of 4.5 : 1 or more on each ground it stands on (WCAG 2.2, 1.4.3)."""
    assert contrast(theme[pair[0]], theme[pair[1]]) >= 4.5


def test_dark_differs_from_light() -> None:
    """Both themes are read from the stylesheet, not one of them twice."""
    assert DARK["paper"] != LIGHT["paper"]
    assert DARK["info-ground"] != LIGHT["info-ground"]
