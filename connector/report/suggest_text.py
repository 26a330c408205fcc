"""A suggestion for a terminal or a pipe."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from connector.planning.suggest_keys import rules_to_write, stated
from connector.planning.suggestion import Candidate, Misfit, Suggestion
from connector.report.findings import NO_NAMES
from connector.report.sentences import more, number, percent
from connector.report.suggest_words import (
    GUESSES,
    candidate_words,
    current_sentence,
    population_sentence,
    suggestion_sentence,
    toml_lines,
)
from connector.report.terminal import WIDTH, Line, Table, Tone, laid_out

SHOWN = 3
EVERYTHING = "trackone suggest --format json"


def suggest_text(
    suggestion: Suggestion,
    *,
    students: int,
    shared: int,
    file: str,
    names: Mapping[str, str] = NO_NAMES,
    writes: bool = False,
    most: int = 20,
    colour: bool = False,
    width: int = WIDTH,
) -> str:
    """The sentence, the best candidates, the rules as TOML, the exceptions with a guess each, and the next command.

    `students` and `shared` count who could be compared, `file` is the mapping file, `names` the students' by SIS
    code. With `writes` the rules found are written next, where there are any to write.
    """
    misfits = _misfits(suggestion)
    parts: list[Line | Table] = [
        Line(suggestion_sentence(suggestion), Tone.STRONG),
        Line(population_sentence(suggestion.compared, students, shared)),
    ]
    if suggestion.compared:
        parts += [
            Line(current_sentence(suggestion.current, file), Tone.MUTED),
            *_candidates(suggestion.candidates),
            *_as_toml(suggestion),
            *_guesses(misfits),
            *_exceptions(misfits, names, most),
        ]
    if not writes or suggestion.settled:
        parts.append(Line(f"\n{next_step(suggestion, file)}"))
    return laid_out(parts, colour=colour, width=width)


def next_step(suggestion: Suggestion, file: str) -> str:
    """What to do with the suggestion."""
    if not suggestion.compared:
        return "Which attribute has the SIS code? Name it as key in [directory.attributes]: trackone check --connect"
    if suggestion.settled:
        return f"{file} gives as many: nothing to write. How each student stands: trackone align"
    if suggestion.mixture is None and suggestion.choice is None:
        return f"Nothing fits well enough to be written. Everything that was tried: {EVERYTHING}"
    return f"Write it into {file}: trackone suggest --write"


def _candidates(candidates: Sequence[Candidate]) -> Iterator[Table]:
    """The first three, and the fields of the SIS that hold logins."""
    shown = [*candidates[:SHOWN], *(one for one in candidates[SHOWN:] if one.sis_field)]
    rows = [
        (
            percent(one.matched, one.compared),
            number(one.matched),
            candidate_words(one),
            one.rules.method,
            _remark(one),
        )
        for one in shown
    ]
    headers = ("Rate", "Logins", "Username", "Method", "")
    left_out = more(len(candidates) - len(shown), EVERYTHING)
    if rows:
        yield Table("What fits best", headers, rows, left_out, right=frozenset({"Rate", "Logins"}))


def _remark(candidate: Candidate) -> str:
    """What is to be known of a candidate beside its rate."""
    said = []
    if candidate.sis_field:
        said.append("copied from the SIS: a new student has none yet")
    if candidate.capitals:
        said.append(f"{number(candidate.capitals)} differ in capitals only")
    return "; ".join(said)


def _as_toml(suggestion: Suggestion) -> Iterator[Line]:
    """The rules as a mapping file has them."""
    mixture = suggestion.mixture
    best = mixture.parts[0].candidate if mixture else suggestion.choice
    if best is None:
        return
    yield Line("\nAs a mapping file has it", Tone.STRONG)
    yield from (Line(line, indent=4) for line in ("[usernames]", *toml_lines(stated(best.rules))))
    for rule in rules_to_write(mixture) if mixture else ():
        yield from (Line(line, indent=4) for line in ("[[usernames.rule]]", *toml_lines(rule)))


def _misfits(suggestion: Suggestion) -> list[Misfit]:
    if suggestion.mixture:
        return [misfit for part in suggestion.mixture.parts for misfit in part.candidate.misfits]
    return [misfit for one in suggestion.candidates[:1] for misfit in one.misfits]


def _guesses(misfits: Sequence[Misfit]) -> Iterator[Table]:
    counts = Counter(misfit.why for misfit in misfits)
    rows = [
        (GUESSES[why], number(count)) for why, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    if rows:
        yield Table(f"Why {number(len(misfits))} differ, as far as can be guessed", ("Guess", "Logins"), rows)


def _exceptions(misfits: Sequence[Misfit], names: Mapping[str, str], most: int) -> Iterator[Table]:
    rows = [
        (one.sis_code, names.get(one.sis_code, ""), one.login, one.expected, one.detail) for one in misfits[:most]
    ]
    if rows:
        headers = ("SIS code", "Student", "Network login", "By the rules", "Guess")
        yield Table("The exceptions", headers, rows, more(len(misfits) - len(rows), EVERYTHING))
