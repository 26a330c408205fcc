"""Which username rules the school network uses: every method held against the logins of known students.

Most rules are ruled out on a sample; the few that give logins there are fitted and counted on everybody.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from connector.domain.ruleset import YEAR_ORDER, RuleSet
from connector.domain.student import Student
from connector.mapping.desired import Proposal, Refusal
from connector.mapping.keys import natural_key
from connector.mapping.mapper import Mapper
from connector.mapping.safety import WordList, builtin_reserved
from connector.planning.suggest_fit import capitals, fit_case, fit_collision
from connector.planning.suggest_mixture import Split, Stretch, split
from connector.planning.suggest_rank import SIS_FIELDS, Ranked, ranked
from connector.planning.suggest_reason import Reasons
from connector.planning.suggest_search import fitted, search
from connector.planning.suggest_trial import Ground, Trial, always
from connector.planning.suggestion import Candidate, Mixture, Part, Pupil, Suggestion

EXAMPLES = 20
"""How many misfits of a candidate that is not the first are told."""


def suggest(pupils: Iterable[Pupil], logins: Collection[str], rules: RuleSet) -> Suggestion:
    """What the logins tell, whatever the order of the pupils.

    `logins` are the case_keys of every login of the directory, staff and strangers too. What cannot be told
    from logins (reserved words, minimal length, the highest counter) is taken from `rules`.
    """
    ordered = sorted(pupils, key=lambda one: natural_key(one.student.sis_code))
    options = replace(rules.usernames, overrides=())
    ground = Ground(tuple(ordered), frozenset(logins), WordList(options, builtin_reserved()), options)
    current = _as_configured(ground, rules)
    if not ground.pupils:
        return Suggestion(0, (), current)
    places = ranked(search(ground), options.template)
    parted = split(ground, [one.trial for one in places if not one.sis_field])
    return Suggestion(
        len(ordered), _candidates(ground, places), current, _mixture(ground, parted) if parted else None
    )


def _as_configured(ground: Ground, rules: RuleSet) -> Candidate:
    """The rules as they are, those for some students only included."""
    mapper, usernames = Mapper(rules), rules.usernames

    def propose(student: Student) -> Proposal | Refusal:
        return mapper.desire(student).name

    trial = ground.judged(usernames, *ground.tried(propose, always))
    differing = capitals(ground, trial, propose)
    return Candidate(usernames, trial.matched, len(ground.pupils), usernames.method in SIS_FIELDS, differing)


def _candidates(ground: Ground, places: Sequence[Ranked]) -> tuple[Candidate, ...]:
    """The candidates in their order; all misfits of the first, examples of the others."""
    trials = [_settled(ground, one.trial) for one in places]
    return tuple(
        _candidate(ground, trial, trials, sis_field=one.sis_field, most=EXAMPLES if number else None)
        for number, (one, trial) in enumerate(zip(places, trials, strict=True))
    )


def _settled(ground: Ground, trial: Trial) -> Trial:
    """The trial with case and collisions as the logins show them."""
    fitted_case = replace(trial, rules=replace(trial.rules, case=fit_case(ground, trial)))
    return fit_collision(ground, fitted_case)


def _candidate(
    ground: Ground, trial: Trial, others: Sequence[Trial], *, sis_field: bool = False, most: int | None = None
) -> Candidate:
    templates = [one.rules for one in others if one is not trial and one.rules.method == "template"]
    return Candidate(
        trial.rules,
        trial.matched,
        len(ground.pupils),
        sis_field,
        capitals(ground, trial, ground.propose(trial.rules)),
        Reasons(ground, trial, templates).misfits(most),
    )


def _mixture(ground: Ground, parted: Split) -> Mixture:
    others = [stretch.trial for stretch in parted.stretches]
    return Mixture(parted.by, tuple(_part(ground, stretch, others) for stretch in parted.stretches))


def _part(ground: Ground, stretch: Stretch, others: Sequence[Trial]) -> Part:
    """The rules of some intakes, fitted to their own logins."""
    there = ground.part(stretch.positions)
    trial = _settled(there, fitted(there, stretch.trial.rules, unusual=True))
    levels = {one.student.year_level for one in there.pupils}
    return Part(
        stretch.intakes,
        tuple(level for level in (*YEAR_ORDER, "UG") if level in levels),
        _candidate(there, trial, others),
    )
