"""A suggestion as JSON values."""

from typing import Any

from connector.planning.suggest_keys import rules_to_write
from connector.planning.suggestion import Candidate, Mixture, Suggestion


def suggest_json(suggestion: Suggestion) -> dict[str, Any]:
    """The candidates best first, what is configured, and a mixture of intakes where one was seen; rates 0 to 1."""
    return {
        "compared": suggestion.compared,
        "candidates": [_candidate(one) for one in suggestion.candidates],
        "current": _candidate(suggestion.current),
        "mixture": _mixture(suggestion.mixture) if suggestion.mixture else None,
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    rules = candidate.rules
    letters = rules.normalisation
    return {
        "method": rules.method,
        "given": rules.given,
        "prefix": rules.prefix,
        "suffix": rules.suffix,
        "case": rules.case,
        "max_length": rules.max_length,
        "collision": list(rules.collision),
        "template": rules.template,
        "column": rules.column,
        "hyphen": letters.hyphen,
        "particles": letters.particles,
        "multi_given": letters.multi_given,
        "transliteration": letters.transliteration,
        "non_latin": letters.non_latin,
        "sis_field": candidate.sis_field,
        "matched": candidate.matched,
        "compared": candidate.compared,
        "rate": candidate.rate,
        "capitals_differ": candidate.capitals,
        "exceptions": [misfit._asdict() for misfit in candidate.misfits],
        "exceptions_left_out": candidate.left_out,
    }


def _mixture(mixture: Mixture) -> dict[str, Any]:
    rules = [None, *rules_to_write(mixture)]
    return {
        "by": mixture.by,
        "matched": mixture.matched,
        "compared": mixture.compared,
        "rate": mixture.matched / mixture.compared if mixture.compared else 0.0,
        "parts": [
            {
                "intakes": list(part.intakes),
                "year_levels": list(part.year_levels),
                "candidate": _candidate(part.candidate),
                "rule": rule,
            }
            for part, rule in zip(mixture.parts, rules, strict=True)
        ],
    }
