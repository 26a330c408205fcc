"""Year levels as schools write them, as canonical tokens; and the year of finishing Year 12."""

import re

_NUMBER = re.compile(r"(?:(?:year|yr|grade|gr|y)[ ._-]*)?0*(\d{1,2})(?:\.0+)?(?:st|nd|rd|th)?(?: grade| year)?")
_KINDERGARTEN = frozenset({"k", "kindy", "kinder", "kindergarten"})
_SAME_AS_PREP = frozenset({"NSW", "ACT"})
_TOKENS = {
    "-2": "PK",
    "-1": "K",
    **dict.fromkeys(("k3", "pk", "ps", "elc", "it", "pr", "pre-kindy", "prekindy"), "PK"),
    **dict.fromkeys(("pre-k", "prek", "pre-kindergarten", "prekindergarten", "preschool"), "PK"),
    **dict.fromkeys(("k4", "tk"), "K"),
    **dict.fromkeys(("p", "prep", "pp", "ppr", "pre-primary", "preprimary", "preparatory"), "P"),
    **dict.fromkeys(("f", "fyos", "foundation", "r", "rec", "reception", "kg"), "P"),
    **dict.fromkeys(("ug", "ugpri", "ugsec", "ugjunsec", "ugsnrsec", "ungraded", "other"), "UG"),
}
_STEPS = {"PK": -2, "K": -1, "P": 0, **{str(n): n for n in range(1, 14)}}


def year_level_of(text: str, state: str = "") -> str:
    """PK, K, P, 1 to 13, UG, or "" where the text says none of them; of a list the first.

    A bare K is the year before Year 1 in New South Wales and the ACT, and the year before that elsewhere.
    Codes: the SIF AU code set YearLevel and the CEDS grade levels that OneRoster uses.
    """
    word = " ".join(text.split(",", 1)[0].casefold().split()).strip("[]\"' ")
    if word in _KINDERGARTEN:
        return "P" if state.upper() in _SAME_AS_PREP else "K"
    if word in _TOKENS:
        return _TOKENS[word]
    number = _NUMBER.fullmatch(word)
    if number is None or int(number[1]) > 13:
        return ""
    return number[1].lstrip("0") or "P"


def cohort_of(year_level: str, school_year: int) -> int | None:
    """The year of finishing Year 12 for who is in that year level in that school year; None outside the order."""
    step = _STEPS.get(year_level)
    return None if step is None else school_year + 12 - step
