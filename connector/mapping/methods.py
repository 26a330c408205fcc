"""The username methods that make a base of a student's names or codes, as forms."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Protocol

from connector.domain.ruleset import UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Refusal, Step
from connector.mapping.fields import CODE, FIELDS, cohort2, email_local, field_of
from connector.mapping.forms import LAYOUTS, Form, cut_order, text_form, tidy_layout
from connector.mapping.normalise import Normaliser
from connector.mapping.reading import FieldReader, name_fault
from connector.mapping.template import Alternative, Counter, Slot, parse_template

Forms = tuple[Form, ...]
REMEMBERED = 1 << 16

_NO_FIELD = Refusal(
    "empty-username",
    "every field the template reads is empty in the SIS",
    "Fill in the fields, or add an alternative",
)


# A quick way for what nearly every school uses; the slow way gives the same.
_SIMPLE: Mapping[str, Callable[[str, str], str]] = {
    "if": lambda given, family: given[0] + family,
    "i.f": lambda given, family: f"{given[0]}.{family}",
    "gf": lambda given, family: given + family,
    "g.f": lambda given, family: f"{given}.{family}",
    "fi": lambda given, family: family + given[0],
    "f.g": lambda given, family: f"{family}.{given}",
    "gs": lambda given, family: given + family[0],
}


class Method(Protocol):
    """How one method spells a student's base."""

    names_only: bool
    """Whether the base comes from names alone, so that one of digits only is a mistake."""

    def whole(self, student: Student) -> str:
        """The base where it takes no closer look than at two plain names; empty where `forms` must say it."""

    def forms(self, student: Student) -> Forms | Refusal:
        """The spellings in order of preference, the first is the base; or why there is none."""

    def middle_forms(self, student: Student) -> Forms:
        """The spellings with the middle initial, none where there is none."""

    def trace(self, student: Student) -> Iterator[Step]:
        """What was read and how it was changed."""


class NameMethod:
    """A method that lays out names: `LAYOUTS` says how."""

    names_only = True

    def __init__(self, rules: UsernameRules, names: Normaliser) -> None:
        self._names = names
        self._layout, self._middle_layout = LAYOUTS[rules.method]
        self._min_length = rules.min_length
        self._title = rules.case == "title"
        # Names come again and again in a school; each is read once.
        self._given_letters = lru_cache(REMEMBERED)(names.given)
        self._family_letters = lru_cache(REMEMBERED)(names.family)
        self._fault = lru_cache(REMEMBERED)(names.fault)
        self._given = field_of("given", rules.given).read
        self._family = field_of("surname", rules.given).read
        self._simple = None if self._title else _SIMPLE.get(self._layout)

    def whole(self, student: Student) -> str:
        """The names put together as the layout says, where both are there and can be read."""
        simple = self._simple
        if simple is None:
            return ""
        given, family = self._given(student), self._family(student)
        if not (given.isascii() and family.isascii()) and (self._fault(given) or self._fault(family)):
            return ""
        given, family = self._given_letters(given), self._family_letters(family)
        return simple(given, family) if given and family else ""

    def forms(self, student: Student) -> Forms | Refusal:
        """The one spelling of the layout."""
        given, family = self._given(student), self._family(student)
        if not (given.isascii() and family.isascii()) and (self._fault(given) or self._fault(family)):
            fault = name_fault(self._names, (("given name", given), ("family name", family)))
            if fault:
                return fault
        return self._arranged(self._layout, student, self._given_letters(given), self._family_letters(family))

    def middle_forms(self, student: Student) -> Forms:
        """The layout with the middle initial, where the student has one that can be read."""
        if not self._middle_layout or not self._middle(student):
            return ()
        given, family = self._given_letters(self._given(student)), self._family_letters(self._family(student))
        forms = self._arranged(self._middle_layout, student, given, family)
        return () if isinstance(forms, Refusal) else forms

    def trace(self, student: Student) -> Iterator[Step]:
        """The names as the SIS has them, and each change."""
        for what, text, trace in (
            ("given name", self._given(student), self._names.trace_given),
            ("family name", self._family(student), self._names.trace_family),
        ):
            yield Step(what, text, "as the SIS has it")
            for why, value in trace(text):
                yield Step(what, value, why)
        if set("md") & set(self._layout + self._middle_layout):
            yield Step("middle initial", self._middle(student), "of the middle name")

    def _arranged(self, layout: str, student: Student, given: str, family: str) -> Forms | Refusal:
        """The layout filled in; a missing name vanishes with its dot, and one name alone may stand whole."""
        if not given and not family:
            return Refusal(
                "empty-username", "the SIS gives no name to make a username of", "Fill in the name in the SIS"
            )
        values = self._values(layout, student, given, family)
        if "c" in layout and not values["c"]:
            return Refusal(
                "empty-username",
                "the year of finishing is not known, and the username begins with it",
                "Fill in the year level in the SIS",
            )
        if not given or not family:
            layout = self._alone(layout, values, "g" if given else "f")
        layout = tidy_layout("".join(letter for letter in layout if values[letter]))
        parts = tuple(values[letter] for letter in layout)
        return (Form(tuple(map(str.title, parts)) if self._title else parts, cut_order(layout)),)

    def _values(self, layout: str, student: Student, given: str, family: str) -> dict[str, str]:
        """What each letter of a layout stands for."""
        values = {"g": given, "i": given[:1], "f": family, "s": family[:1], ".": "."}
        for letter, read in (("m", self._middle), ("c", cohort2), ("d", self._code)):
            if letter in layout:
                values[letter] = read(student)
        return values

    def _alone(self, layout: str, values: dict[str, str], whole: str) -> str:
        """The layout for a single name: whole, where its initial would be all there is."""
        if sum(len(values[letter]) for letter in layout if letter not in "c.") >= self._min_length:
            return layout
        return ("c" if "c" in layout else "") + whole

    def _middle(self, student: Student) -> str:
        """The middle initial; none where the middle name cannot be read."""
        middle = student.middle
        return "" if not middle or self._fault(middle) else self._given_letters(middle)[:1]

    def _code(self, student: Student) -> str:
        """The SIS code without its leading letters; all of it where it has nothing else."""
        code = self._names.squeeze(self._names.code_words(student.sis_code))
        return code.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") or code


class LocalPartMethod:
    """The e-mail address up to its @, in the letters a login may hold."""

    names_only = False

    def __init__(self, names: Normaliser) -> None:
        self._names = names

    def whole(self, student: Student) -> str:  # noqa: ARG002 - the shape of a Method
        """Never without a closer look."""
        return ""

    def forms(self, student: Student) -> Forms | Refusal:
        """The one spelling."""
        text = self._text(student)
        if not text:
            return Refusal(
                "empty-username", "the SIS gives no e-mail address for the student", "Fill in the e-mail in the SIS"
            )
        return (text_form(text),)

    def middle_forms(self, student: Student) -> Forms:  # noqa: ARG002 - the shape of a Method
        """None: an address says nothing of a middle name."""
        return ()

    def trace(self, student: Student) -> Iterator[Step]:
        """The address and what is left of it."""
        yield Step("e-mail", student.email, "as the SIS has it")
        yield Step("local part", self._text(student), "up to the @, in the letters a login may hold")

    def _text(self, student: Student) -> str:
        return self._names.squeeze(self._names.code_words(email_local(student)))


class TemplateMethod:
    """A template's alternatives. One that reads a name that cannot be read is left out."""

    def __init__(self, rules: UsernameRules, names: Normaliser) -> None:
        template = parse_template(rules.template)
        self._alternatives = template.alternatives
        self._reader = FieldReader(rules, names)
        self.names_only = all(FIELDS[name].kind != CODE for name in template.fields)

    def whole(self, student: Student) -> str:  # noqa: ARG002 - the shape of a Method
        """Never without a closer look."""
        return ""

    def forms(self, student: Student) -> Forms | Refusal:
        """One form for each alternative that can be read and is not empty."""
        forms: list[Form] = []
        refusals = []
        for alternative in self._alternatives:
            made = self._form(alternative, student)
            if isinstance(made, Refusal):
                refusals.append(made)
            elif made is not None and made not in forms:
                forms.append(made)
        return tuple(forms) or next(iter(refusals), _NO_FIELD)

    def middle_forms(self, student: Student) -> Forms:  # noqa: ARG002 - the shape of a Method
        """None: a template says itself where a middle initial goes."""
        return ()

    def trace(self, student: Student) -> Iterator[Step]:
        """Every field the template reads, with what it became."""
        for alternative in self._alternatives:
            for piece in alternative:
                if isinstance(piece, Slot):
                    yield self._reader.trace(piece, student)

    def _form(self, alternative: Alternative, student: Student) -> Form | Refusal | None:
        """The alternative's text; None where all its fields are empty."""
        head, tail, width, filled = "", "", 0, False
        for piece in alternative:
            if isinstance(piece, Counter):
                head, tail, width = tail, "", piece.width
                continue
            value = self._reader.value(piece, student) if isinstance(piece, Slot) else piece
            if isinstance(value, Refusal):
                return value
            filled = filled or (isinstance(piece, Slot) and value != "")
            tail += value
        if not filled:
            return None
        return text_form(head, tail, width) if width else text_form(tail)
