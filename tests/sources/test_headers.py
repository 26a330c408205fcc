import pytest

from connector.domain.errors import ConfigError
from connector.sources.headers import match

NAME = "students.csv"


def test_exact_before_loose_and_names_in_order() -> None:
    """A header spelt exactly wins over one alike, and the first name that is there over the others."""
    found = match(
        NAME, ["Surname", "SURNAME", "ID", "Code"], {"family_name": ("SURNAME",), "sis_code": ("X", "ID", "Code")}, {}
    )
    assert found.positions == {"family_name": (1,), "sis_code": (2,)}
    assert found.warnings == ()


def test_an_exact_later_name_beats_a_loose_earlier_one() -> None:
    """A loose match is taken only where no name is there exactly."""
    found = match(NAME, ["student code", "ID"], {"sis_code": ("Student Code", "ID")}, {})
    assert found.positions == {"sis_code": (1,)}


@pytest.mark.parametrize("header", ["student_code", "STUDENT CODE", "Student-Code", "studentcode"])
def test_loose_match_is_told(header: str) -> None:
    """Letter case, blanks, underscores and hyphens do not matter, but the difference is told."""
    found = match(NAME, [header], {"sis_code": ("Student Code",)}, {})
    assert found.positions == {"sis_code": (0,)}
    assert found.warnings == (f'students.csv: "{header}" is read as "Student Code" (sis_code)',)


def test_optional_fields_may_be_absent() -> None:
    """An optional field without a column is told as absent."""
    found = match(NAME, ["Code", "House"], {"sis_code": ("Code",)}, {"house": ("House",), "campus": ("Campus",)})
    assert found.positions == {"sis_code": (0,), "house": (1,)}
    assert found.absent == ("campus",)


def test_every_column_of_a_field_of_several() -> None:
    """A field that may have several columns has all that are named."""
    found = match(NAME, ["A", "B"], {"flags": ("A", "B")}, {}, every=frozenset({"flags"}))
    assert found.positions == {"flags": (0, 1)}


FAULTS = {
    "missing with a near miss": (
        ["StudntCode", "Surname"],
        {"sis_code": ("StudentCode",)},
        {},
        'students.csv has no column "StudentCode" (sis_code; did you mean "StudntCode"?)',
    ),
    "missing without one": (
        ["A", "B"],
        {"sis_code": ("StudentCode",)},
        {},
        'students.csv has no column "StudentCode" (sis_code); nothing in its first line is like one',
    ),
    "several missing at once": (
        ["Code"],
        {"sis_code": ("Code",), "year_level": ("Year",), "given_names": ("First",)},
        {},
        'students.csv has no column "Year" (year_level), "First" (given_names)',
    ),
    "one of several columns missing": (
        ["Boarder"],
        {"flags": ("Boarder", "PortalBlocked")},
        {},
        'students.csv has no column "PortalBlocked" (flags)',
    ),
    "doubled": (
        ["Code", "Name", "Code"],
        {"sis_code": ("Code",)},
        {},
        'students.csv has 2 columns for sis_code: "Code" and "Code"',
    ),
    "two that look alike": (
        ["Student Code", "student_code"],
        {"sis_code": ("StudentCode",)},
        {},
        'students.csv has 2 columns for sis_code: "Student Code" and "student_code"',
    ),
    "optional and misspelt": (
        ["Code", "prefferedName"],
        {"sis_code": ("Code",)},
        {"preferred_name": ("preferredName",)},
        'students.csv has no column "preferredName" (preferred_name), but "prefferedName", which looks like it',
    ),
    "the column of passwords": (
        ["Code", "Password"],
        {"sis_code": ("Password",)},
        {},
        "sis_code is mapped to the column of passwords, which is never read",
    ),
}


@pytest.mark.parametrize(("headers", "required", "optional", "message"), FAULTS.values(), ids=FAULTS)
def test_faults(
    headers: list[str], required: dict[str, tuple[str, ...]], optional: dict[str, tuple[str, ...]], message: str
) -> None:
    """A column that is missing, doubled, misspelt or forbidden is a fault of the configuration with its next step."""
    with pytest.raises(ConfigError) as caught:
        match(NAME, headers, required, optional, every=frozenset({"flags"}))
    assert caught.value.message == message
    assert caught.value.hint


def test_a_taken_header_is_no_near_miss() -> None:
    """A header that another field has is not taken for a misspelling."""
    headers, optional = ["Code", "Given1"], {"given_names": ("Given1",), "middle_name": ("Given2",)}
    assert match(NAME, headers, {"sis_code": ("Code",)}, optional).absent == ("middle_name",)


def test_without_strictness_a_misspelling_is_told() -> None:
    """Where headers are fixed by a standard, an optional one that looks misspelt is only told."""
    found = match(NAME, ["Code", "prefferedName"], {"sis_code": ("Code",)}, {"x": ("preferredName",)}, strict=False)
    assert found.absent == ("x",)
    assert found.warnings == ('students.csv: "prefferedName" is not read; "preferredName" (x) may be meant',)


def test_a_first_line_like_no_header_is_not_repeated() -> None:
    """Where no column is found at all the first line may be somebody's data, and stays out of the message."""
    with pytest.raises(ConfigError) as caught:
        match(NAME, ["S1", "Amelia", "Smith"], {"sis_code": ("StudentCode",), "family_name": ("Surname",)}, {})
    assert "Amelia" not in str(caught.value)
    assert "S1" not in str(caught.value)
