"""Changing keys in the text of a mapping file."""

import tomllib
from pathlib import Path

import pytest

from connector.domain.errors import ConfigError
from connector.settings.toml_edit import Edit, edited

ROOT = Path(__file__).resolve().parents[2]
RULE = {"name": "older", "when": {"field.cohort": ["2026", "2027"]}, "method": "student_code"}
MAPPINGS = sorted((ROOT / "mappings").glob("*.toml"))


def _usernames(**keys):
    return Edit({"usernames": keys})


CHANGES = [
    ('[usernames]\nmethod = "student_code"\n', {"method": "email"}, '[usernames]\nmethod = "email"\n'),
    (
        '[usernames]   # how\nmethod   = "student_code"    # as in the guide\n\n[roles]\n',
        {"method": "email"},
        '[usernames]   # how\nmethod   = "email"    # as in the guide\n\n[roles]\n',
    ),
    (
        '[usernames]\nmethod = "student_code"\n#case = "lower"   # or title\n#[[usernames.rule]]\n#case = "x"\n',
        {"case": "upper"},
        '[usernames]\nmethod = "student_code"\ncase = "upper"   # or title\n#[[usernames.rule]]\n#case = "x"\n',
    ),
    (
        '[usernames]\nmethod = "student_code"\n# end\n\n# roles\n[roles]\n#case = "x"\n',
        {"method": "email", "case": "upper", "max_length": 30},
        '[usernames]\nmethod = "email"\ncase = "upper"\nmax_length = 30\n# end\n\n# roles\n[roles]\n#case = "x"\n',
    ),
    (
        '[usernames]\nmethod = "template"\ntemplate = "{given}"  # ours\nmin_length = 2\n',
        {"method": "email", "template": None},
        '[usernames]\nmethod = "email"\nmin_length = 2\n',
    ),
    (
        '[usernames]\ncollision = [\n  "counter",\n]\nmax_length = 20\n',
        {"collision": ["counter"], "case": "upper"},
        '[usernames]\ncollision = [\n  "counter",\n]\ncase = "upper"\nmax_length = 20\n',
    ),
    ("", {"method": "email"}, '[usernames]\nmethod = "email"\n'),
    ('[roles]\nmode = "x"', {"method": "email"}, '[roles]\nmode = "x"\n\n[usernames]\nmethod = "email"\n'),
    ('[[usernames.rule]]\nname = "a"\n', {"method": "email"}, None),
    ('usernames.method = "x"\n', {"method": "email"}, 'usernames.method = "email"\n'),
    ('usernames = { method = "x" }\n', {"method": "email"}, 'usernames = { method = "email" }\n'),
    ('[usernames]\n"method" = "x"\n', {"method": "email"}, '[usernames]\n"method" = "email"\n'),
    ('[usernames]\nmethod = "x"\n', {}, '[usernames]\nmethod = "x"\n'),
    ('[usernames]\nmethod = "x"\n', {"prefix": 'a"b\\'}, '[usernames]\nprefix = "a\\"b\\\\"\nmethod = "x"\n'),
]


@pytest.mark.parametrize(("text", "keys", "wanted"), CHANGES)
def test_keys_are_changed_in_place(text, keys, wanted):
    """Comments, blanks and everything else stay as they are."""
    after = edited(text, _usernames(**keys))
    assert after == (wanted if wanted is not None else after)
    said = tomllib.loads(after)["usernames"]
    assert {key: said.get(key) for key in keys} == keys


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.name)
def test_every_mapping_that_ships_can_be_edited(path):
    """Nothing changes but the keys asked for; every comment line stays."""
    text = path.read_text(encoding="utf-8")
    keys = {"method": "given_surname", "given": "preferred", "suffix": "x", "case": "upper", "max_length": 17}
    after = edited(text, _usernames(**keys, template=None, column=None))
    before = tomllib.loads(text)
    kept = {key: value for key, value in before["usernames"].items() if key not in ("template", "column")}
    assert tomllib.loads(after) == {**before, "usernames": {**kept, **keys}}
    comments = [line for line in text.splitlines() if line.startswith("# ")]
    assert [line for line in after.splitlines() if line.startswith("# ")] == comments


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.name)
def test_rules_stand_behind_all_that_is_said_of_usernames(path):
    """Before the next section and the comment that introduces it."""
    text = path.read_text(encoding="utf-8")
    after = edited(text, Edit({}, [RULE]))
    before = tomllib.loads(text)
    rules = [*before["usernames"].get("rule", []), RULE]
    assert tomllib.loads(after) == {**before, "usernames": {**before["usernames"], "rule": rules}}
    assert sorted(set(text.splitlines()) - set(after.splitlines())) == []
    made = after.splitlines()
    start = made.index('name = "older"') - 1
    assert made[start - 1 : start + 1] == ["", "[[usernames.rule]]"]
    assert made[start + 4] == ""


def test_other_sections_can_be_edited_too():
    """Several at once, as a form saves them."""
    text = '[scope]\noverwrite = false  # careful\n[usernames]\nmethod = "email"\n'
    edit = Edit({"scope": {"overwrite": True, "year_levels": ["7-12"]}, "passwords": {"method": "none"}})
    assert edited(text, edit) == (
        '[scope]\noverwrite = true  # careful\nyear_levels = ["7-12"]\n[usernames]\nmethod = "email"\n\n'
        '[passwords]\nmethod = "none"\n'
    )


def test_windows_line_ends_stay():
    """Every line ends as before."""
    text = '# rules\r\n[usernames]\r\nmethod = "email" # as it is\r\n'
    after = edited(text, Edit({"usernames": {"method": "student_code", "case": "keep"}}, [RULE]))
    assert after.startswith('# rules\r\n[usernames]\r\nmethod = "student_code" # as it is\r\ncase = "keep"\r\n\r\n[[')
    assert after.count("\n") == after.count("\r\n")


REFUSED = [
    '[usernames]\nmethod = "x"\nmethod = "y"\n',
    'usernames = { method = "x" }\n[roles\n',
    "usernames = 3\n",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_changed_safely_is_refused(text):
    """With the next step; the caller's file is as it was."""
    with pytest.raises(ConfigError, match="cannot be changed safely") as error:
        edited(text, Edit({"usernames": {"case": "lower"}}, [RULE]))
    assert "by hand" in error.value.hint
