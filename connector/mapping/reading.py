"""A student's fields as letters of a username, or the refusal where a name cannot be read."""

from connector.domain.ruleset import UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Refusal, Step
from connector.mapping.fields import CODE, FIELDS, GIVEN, Field, field_of
from connector.mapping.normalise import Normaliser
from connector.mapping.template import Slot, parse_affix

_ADVICE = {
    "non-latin-name": 'Give the name in Latin letters in the SIS, or set non_latin = "code" in [usernames]',
    "confusable-name": "Type the name again in the SIS, in one alphabet",
}


def name_fault(names: Normaliser, texts: tuple[tuple[str, str], ...]) -> Refusal | None:
    """The gravest fault among named texts: non-latin-name before confusable-name."""
    faults = [(label, fault) for label, text in texts if (fault := names.fault(text)) is not None]
    for reason, advice in _ADVICE.items():
        for label, fault in faults:
            if fault.reason == reason:
                return Refusal(reason, f"the {label} {fault.detail}", advice)
    return None


class FieldReader:
    """Reads the slots of templates and affixes."""

    def __init__(self, rules: UsernameRules, names: Normaliser) -> None:
        self._names = names
        self._fields = {name: field_of(name, rules.given) for name in FIELDS}
        self._title = rules.case == "title"

    def value(self, slot: Slot, student: Student) -> str | Refusal:
        """What a slot puts into the username."""
        field = self._fields[slot.field]
        raw = field.read(student)
        if field.kind != CODE:
            fault = name_fault(self._names, ((slot.field, raw),))
            if fault:
                return fault
        value = slot.shape(self._run(slot, field, raw))
        return value.title() if self._title and not slot.cased else value

    def trace(self, slot: Slot, student: Student) -> Step:
        """The value, and what it was in the SIS."""
        raw = self._fields[slot.field].read(student)
        value = self.value(slot, student)
        if isinstance(value, Refusal):
            return Step(slot.field, "", value.detail)
        return Step(slot.field, value, f'"{raw}" in the SIS')

    def _run(self, slot: Slot, field: Field, raw: str) -> str:
        """The field as one run of letters, after the slot's word filters."""
        if slot.word_filters:
            words = self._names.code_words(raw) if field.kind == CODE else self._names.words(raw)
            return self._names.squeeze(slot.pick(words))
        if field.kind == CODE:
            return self._names.squeeze(self._names.code_words(raw))
        return self._names.given(raw) if field.kind == GIVEN else self._names.family(raw)


class Affix:
    """A prefix or suffix: fixed text, or text with fields of the student. Raises TemplateError."""

    def __init__(self, text: str, reader: FieldReader) -> None:
        self._pieces = parse_affix(text).alternatives[0]
        self._reader = reader
        self.fixed = None if any(isinstance(piece, Slot) for piece in self._pieces) else text

    def of(self, student: Student) -> str | Refusal:
        """The affix for one student; a field without a value is a refusal, since the name would change later."""
        text = ""
        for piece in self._pieces:
            value = self._reader.value(piece, student) if isinstance(piece, Slot) else str(piece)
            if isinstance(value, Refusal):
                return value
            if isinstance(piece, Slot) and not value:
                detail = f"the prefix or suffix needs {piece.field}, which the SIS leaves empty"
                return Refusal("empty-username", detail, "Fill in the field in the SIS")
            text += value
        return text
