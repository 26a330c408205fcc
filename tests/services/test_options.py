"""The form's options and the rules they stand for."""

import pytest

from connector.domain.errors import ConfigError
from connector.services.options import Options, edit_from_json, edit_of, edit_to_json, options_of, require_kept
from connector.settings.mapping_file import load_rules
from connector.settings.toml_edit import edited

RULES = """\
# ours
[scope]
year_levels = ["7-12"]
overwrite = true
[usernames]
method = "initial_surname"
prefix = "st"
[passwords]
method = "none"
[roles]
default = ["Student Portal", "Student Security"]
"""


@pytest.fixture
def read(tmp_path):
    """The rules of a mapping file's text."""

    def rules(text, state=""):
        file = tmp_path / "students.toml"
        file.write_text(text)
        return load_rules(file, state=state)

    return rules


def test_options_are_those_of_the_rules(read):
    """The form begins with what the mapping file says."""
    assert options_of(read(RULES)) == Options(
        method="initial_surname",
        case="",
        years=("7", "8", "9", "10", "11", "12"),
        prefix="st",
        suffix="",
        passwords="none",
        overwrite=True,
        roles=("Student Portal", "Student Security"),
    )


def test_options_left_as_they_are_change_nothing(read):
    """No edit where nothing was chosen anew."""
    rules = read(RULES)
    assert dict(edit_of(options_of(rules), rules).sections) == {}


@pytest.mark.parametrize(
    ("change", "section", "said"),
    [
        ({"method": "student_code"}, "usernames", {"method": "student_code"}),
        ({"case": "title"}, "usernames", {"case": "title"}),
        ({"prefix": "", "suffix": ".s"}, "usernames", {"prefix": "", "suffix": ".s"}),
        ({"years": None}, "scope", {"year_levels": "all"}),
        ({"years": ("K", "P", "1", "3", "UG")}, "scope", {"year_levels": ["K-1", "3", "UG"]}),
        ({"years": ("9",)}, "scope", {"year_levels": ["9"]}),
        ({"overwrite": False}, "scope", {"overwrite": False}),
        ({"passwords": "random"}, "passwords", {"method": "random"}),
        ({"roles": ("Student Security",)}, "roles", {"default": ["Student Security"]}),
    ],
)
def test_what_is_chosen_anew_is_said_and_read_back(read, change, section, said):
    """Only the changed keys are written, comments stay, and the file then gives the options chosen."""
    rules = read(RULES)
    options = options_of(rules)._replace(**change)
    edit = edit_of(options, rules)
    assert dict(edit.sections) == {section: said}
    text = edited(RULES, edit_from_json(edit_to_json(edit)))
    assert text.startswith("# ours\n")
    require_kept(options, read(text))


def test_what_is_not_read_back_is_refused(read):
    """In NSW a bare K is the year before Year 1, so the year below it cannot be said that way."""
    rules = read(RULES, state="NSW")
    options = options_of(rules)._replace(years=("K",))
    with pytest.raises(ConfigError, match="cannot be written"):
        require_kept(options, read(edited(RULES, edit_of(options, rules)), state="NSW"))
