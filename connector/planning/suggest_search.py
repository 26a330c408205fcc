"""The search for rules that give a network's logins: a wide one on a sample, then the few best on everybody."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from connector.domain.ruleset import UsernameRules
from connector.mapping.forms import LAYOUTS
from connector.mapping.naming import METHODS
from connector.planning.suggest_affix import affixes
from connector.planning.suggest_fit import fit_handling, fit_length
from connector.planning.suggest_pattern import templates
from connector.planning.suggest_rank import SIS_FIELDS, order, ranked
from connector.planning.suggest_trial import LONGEST, Ground, Trial

SAMPLE = 400
"""How many logins decide which rules are tried on everybody."""

FLOOR = 0.05
"""The share of logins below which rules are not worth mentioning."""

_FINALISTS = 8
_CLOSE = 0.8
_PATTERN_SAMPLE = 200
_GOOD_ENOUGH = 0.97


def search(ground: Ground) -> list[Trial]:
    """The trials of the rules that give some of the logins, in no order."""
    trials = [fitted(ground, rules, unusual=close) for rules, close in _finalists(ground).items()]
    return [one for one in trials if one.matched >= FLOOR * len(ground.pupils)]


def fitted(ground: Ground, rules: UsernameRules, *, unusual: bool) -> Trial:
    """The rules fitted to all the logins: in length and, where asked for, in the way of writing unusual names."""
    trial = fit_length(ground, ground.trial(replace(rules, max_length=LONGEST)))
    return fit_handling(ground, trial) if unusual else trial


def _finalists(ground: Ground) -> dict[UsernameRules, bool]:
    """The rules worth counting on everybody, and whether each comes close to the best of its sample or intake."""
    sample = ground.part(_spread(ground, SAMPLE))
    trials = [trial for rules in _plain_rules(sample) for trial in _with_affixes(sample, rules)]
    best = max((one.matched for one in trials), default=0)
    if best < _GOOD_ENOUGH * len(sample.pupils):
        few = sample.part(_spread(sample, _PATTERN_SAMPLE))
        trials += [trial for rules in _template_rules(few) for trial in _with_affixes(sample, rules)]
    ordered = sorted(trials, key=order)
    first = [one.trial for one in ranked(_first_of_each(ordered), ground.options.template)]
    some = [one for one in first if one.matched > FLOOR / 2 * len(sample.pupils)]
    kept = [*some[:_FINALISTS], *(one for one in some[_FINALISTS:] if one.rules.method in SIS_FIELDS)]
    winners = [one for one in _winners(sample, ordered) if one not in kept]
    found = {one.rules: one in winners or one.matched >= _CLOSE * best for one in [*kept, *winners]}
    return found | dict.fromkeys(_twins(ground, found), True)


def _plain_rules(ground: Ground) -> Iterator[UsernameRules]:
    """Every method without affixes, cutting nothing, with legal and, where some have others, preferred names."""
    plain = replace(
        ground.options,
        given="legal", prefix="", suffix="", case="", max_length=LONGEST,
        collision=("middle_initial", "counter"), template="", column="",
    )  # fmt: skip
    preferred = any(one.student.preferred_given or one.student.preferred_family for one in ground.pupils)
    for method in METHODS:
        if method == "template":
            yield from _configured_template(ground.options)
        elif method == "column":
            columns = sorted({name for one in ground.pupils for name in one.student.columns})
            yield from (replace(plain, method=method, column=name) for name in columns)
        elif method != "email" or any("@" in one.login for one in ground.pupils):
            yield replace(plain, method=method)
            if preferred and method in LAYOUTS:
                yield replace(plain, method=method, given="preferred")


def _template_rules(ground: Ground) -> Iterator[UsernameRules]:
    """Templates the logins look like."""
    plain = next(_plain_rules(ground))
    for given in ("legal", "preferred"):
        rules = replace(plain, method="template", given=given, case="lower")
        yield from (replace(rules, template=text) for text in templates(ground, rules))


def _configured_template(options: UsernameRules) -> Iterator[UsernameRules]:
    if options.template:
        yield replace(options, prefix="", suffix="", case="", max_length=LONGEST)


def _with_affixes(ground: Ground, rules: UsernameRules) -> list[Trial]:
    """The rules with every pair of affixes that is seen, each with the length that fits best."""
    plain = ground.trial(rules)
    pairs = affixes(ground, plain.bases)
    others = [
        ground.trial(replace(rules, prefix=prefix, suffix=suffix)) for prefix, suffix in pairs if prefix or suffix
    ]
    least = max(2, len(ground.pupils) // 20)
    return [fit_length(ground, one, least=least) for one in (plain, *others)]


def _twins(ground: Ground, found: Mapping[UsernameRules, bool]) -> list[UsernameRules]:
    """The close ones with preferred names, where the sample had too few of them to tell."""
    if not any(one.student.preferred_given or one.student.preferred_family for one in ground.pupils):
        return []
    close = [rules for rules, is_close in found.items() if is_close and rules.method in LAYOUTS]
    return [replace(rules, given="preferred") for rules in close if replace(rules, given="preferred") not in found]


def _first_of_each(trials: Iterable[Trial]) -> list[Trial]:
    """The first trial of each method and choice of names."""
    first: dict[tuple[str, ...], Trial] = {}
    for one in trials:
        rules = one.rules
        first.setdefault((rules.method, rules.given, rules.template, rules.column), one)
    return list(first.values())


def _winners(ground: Ground, trials: Sequence[Trial]) -> list[Trial]:
    """For each intake the first trial that gives most of its logins, where one does."""
    made = [one for one in trials if one.rules.method not in SIS_FIELDS]
    winners = []
    for positions in ground.cohorts().values():
        best = max(made, key=lambda one: one.matched_at(positions), default=None)
        if best is not None and best not in winners and best.matched_at(positions) * 2 > len(positions):
            winners.append(best)
    return winners


def _spread(ground: Ground, most: int) -> list[int]:
    """At most so many positions, spread evenly over the intakes."""
    by_intake = sorted(range(len(ground.pupils)), key=lambda at: (ground.pupils[at].student.cohort or 0, at))
    step = -(-len(by_intake) // most)
    return sorted(by_intake[::step])
