import pytest

from connector.domain.ruleset import YEAR_ORDER
from connector.sources.year_level import cohort_of, year_level_of

TOKENS = {
    "P": "P PREP Prep pp PPR F FYOS Foundation R REC Reception 0 00 Y0 KG 0.0",
    "PK": "K3 PK PS ELC -2 IT PR",
    "K": "K4 -1 TK",
    "UG": "UG UGPri UGSec UGJunSec UGSnrSec Other",
    "7": "7 07 Y7 Year7 7.0 7th Grade-7",
    "12": "12 Y12 12.00",
    "13": "13",
    "": "11MINUS 12PLUS CC 14 99 PS1 undergraduate 7A x -3",
}
CASES = [(raw, token) for token, raws in TOKENS.items() for raw in raws.split()]
CASES += [("YR 07", "7"), ("Year 7", "7"), ("Grade 7", "7"), ("7th grade", "7"), ("year  10 ", "10"), ("", "")]
CASES += [("09,10", "9"), ('["10"]', "10")]


@pytest.mark.parametrize(("raw", "token"), CASES)
def test_year_level(raw: str, token: str) -> None:
    """Every spelling of a year level has one token; what is none is empty, not guessed."""
    assert year_level_of(raw) == token


@pytest.mark.parametrize("raw", ["K", "kindy", "Kindergarten"])
@pytest.mark.parametrize(
    ("state", "token"), [("NSW", "P"), ("act", "P"), ("WA", "K"), ("QLD", "K"), ("VIC", "K"), ("", "K")]
)
def test_bare_k_depends_on_the_state(raw: str, state: str, token: str) -> None:
    """K is the year before Year 1 in NSW and the ACT, and one year earlier elsewhere."""
    assert year_level_of(raw, state) == token


def test_every_token_means_itself() -> None:
    """A canonical token read again is the same token."""
    assert [year_level_of(token) for token in YEAR_ORDER] == list(YEAR_ORDER)


@pytest.mark.parametrize(
    ("token", "cohort"),
    [("12", 2026), ("7", 2031), ("1", 2037), ("P", 2038), ("K", 2039), ("PK", 2040), ("13", 2025)],
)
def test_cohort(token: str, cohort: int) -> None:
    """The cohort is the year of finishing Year 12."""
    assert cohort_of(token, 2026) == cohort


@pytest.mark.parametrize("token", ["UG", ""])
def test_no_cohort(token: str) -> None:
    """Who is in no year of the order finishes in no year."""
    assert cohort_of(token, 2026) is None
