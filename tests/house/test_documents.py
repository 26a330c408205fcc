"""What the project says of itself: short, true, and leading nowhere that is not there."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from connector.cli.main import COMMANDS, cli

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md"), *ROOT.glob("mappings/**/*.md")]
)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```|^    .*?$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual viewers make them."""
    found = HEADING.findall(page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-") for heading in found}


def _links(page: Path) -> list[str]:
    return [
        link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link and not link.startswith("mailto:")
    ]


def test_the_readme_is_short():
    """A hundred lines at most."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 100


@pytest.mark.parametrize("name", ["CHANGELOG.md", "SECURITY.md", "LICENSE", "connector.toml", "Makefile", ".ci/run"])
def test_what_a_project_has_is_there(name):
    """The pages and files people look for, and none of them empty."""
    assert (ROOT / name).stat().st_size > 100 or name == ".ci/run"


def test_the_changelog_knows_this_version():
    """The newest heading of the changelog is the version of the package, or what comes after it."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    first = re.search(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[1]
    assert version in first or "unreleased" in first.casefold()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    """Every relative link names a file that is there, and a heading in it."""
    for link in _links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor and target.suffix == ".md":
            assert anchor in _anchors(target), link


def test_every_page_can_be_reached_from_the_readme():
    """No page of docs/ lies where no link leads."""
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in seen:
            seen.add(page)
            linked = [(page.parent / link.partition("#")[0]).resolve() for link in _links(page)]
            waiting += [one for one in linked if one.suffix == ".md" and one.is_file()]
    assert [page.name for page in sorted(ROOT.glob("docs/**/*.md")) if page not in seen] == []


def _documents() -> str:
    return "\n".join(page.read_text("utf-8") for page in PAGES if page.name != "CHANGELOG.md")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command):
    """Each command is shown in use in the README or a page of docs/."""
    assert re.search(rf"trackone (?:-c \S+ |--\w+ |-\w )*{command}\b", _documents())


def _commands(text: str) -> Iterator[list[str]]:
    """The `trackone ...` lines of the code in a page, as words, up to where a shell or a sentence goes on."""
    for code in CODE.findall(text):
        for line in re.findall(r"\btrackone ([^`\n]*)", code):
            words = re.split(r" +(?:#|&&|\||>)|[`;,]", line)[0].split()
            if words and words[0] not in ("...", "=", "set"):  # a crontab's user stands before the shell's `set`
                yield words


def _option_names(command: click.Command) -> set[str]:
    return {name for param in command.params for name in (*param.opts, *param.secondary_opts) if name.startswith("-")}


def _unknown(words: list[str]) -> str:
    """The first word of a documented command line that the command line does not know; empty where all is known."""
    command: click.Command = cli
    known = {"-h", "--help"} | _option_names(cli)
    for word in words:
        if word.startswith("-"):
            if word.partition("=")[0] not in known:
                return word
        elif isinstance(command, click.Group) and (inner := command.get_command(click.Context(command), word)):
            command = inner
            known |= _option_names(inner)
        elif isinstance(command, click.Group) and re.fullmatch(r"[a-z-]{3,}", word) and command is not cli:
            return word
    return "" if command is not cli or not words[0].isalpha() else words[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_documented_commands_are_real(page):
    """Every command line in a page has a command and options that there are."""
    text = page.read_text("utf-8")
    assert [" ".join(words) for words in _commands(text) if _unknown(words)] == []


def test_the_exit_codes_in_the_readme_are_all():
    """The README names every exit code that an error has."""
    from connector.domain import errors  # noqa: PLC0415 - only here

    codes = {
        one.exit_code
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.ConnectorError)
    }
    said = re.search(r"Exit codes: (.*?)\n\n", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[1]
    assert codes | {0, 5} == {int(code) for code in re.findall(r"\b\d\b", said)}


GIT = shutil.which("git")
# Parts of addresses, put together here so that this file does not hold them either.
HOSTS = ["py" + "pi.org", "python" + "hosted", "npm" + "js", "registry." + "npm", "deb." + "debian",
         "ftp." + "debian",
         "security." + "debian", "archive." + "ubuntu", "proxy." + "golang", "crates" + ".io", "index" + "-url",
         "rubygems" + ".org"]  # fmt: skip
MACHINE = ["/wo" + "rk/", "/ro" + "ot/", "/home/" + "user", "C:\\" + "Users\\"]
# Published by others, or about such words; nobody installs anything from them.
ALOOF = ("tests/data/", "tests/house/", "tests/broken/")
ALLOWED = {("Makefile", "index" + "-url")}


def _tracked() -> list[Path]:
    """The files that git tracks; where there is no git, the files of the rooms that are shipped."""
    if GIT is None or not (ROOT / ".git").exists():
        rooms = ("connector", "mappings", "docs", "bench", "tests")
        names = [path.relative_to(ROOT).as_posix() for room in rooms for path in (ROOT / room).rglob("*.*")]
        names += [path.name for path in ROOT.glob("*.*") if not path.name.startswith(".")]
    else:
        listed = subprocess.run([GIT, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout.decode()
        names = listed.split("\0")
    return [ROOT / name for name in names if name and not name.startswith(ALOOF) and "__pycache__" not in name]


def _texts() -> Iterator[tuple[str, str]]:
    for path in _tracked():
        if path.is_file():
            yield path.relative_to(ROOT).as_posix(), path.read_bytes().decode("utf-8", "replace")


def test_no_file_names_a_registry_or_a_machine():
    """No address of a package registry and no path of somebody's machine is in the project."""
    found = {
        (name, word) for name, text in _texts() for word in (*HOSTS, *MACHINE) if word.casefold() in text.casefold()
    }
    assert found - ALLOWED == set()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_hold_names_versions_and_hashes_only(name):
    """Every package of a lock is pinned with hashes, and no line names a host."""
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert re.search(r"^ *-", text.replace("    --hash=", ""), re.MULTILINE) is None
    blocks = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).strip())
    assert len(blocks) > 10
    assert [
        block for block in blocks if not re.match(r"[\w.\[\], -]+==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}", block)
    ] == []


def test_every_test_says_what_it_holds():
    """Every test function has a docstring of one behaviour."""
    silent = [
        f"{path.name}: {name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for name in re.findall(
            r"^(?:async )?def (test_\w+)\([^\"]*?\)(?: -> None)?:\n    (?!\"\"\"|r\"\"\")",
            path.read_text("utf-8"),
            re.MULTILINE,
        )
    ]
    assert silent == []
