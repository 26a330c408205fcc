"""Bulk User Synchronise: the options of the guide, with an example and what the school's directory says."""

from typing import NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from connector.console.context import console, visitor
from connector.console.gate import any_role
from connector.console.previews import outcome_of
from connector.console.sample import example_of
from connector.console.watch import watch
from connector.console.work import Work
from connector.domain.errors import ConfigError, ConnectorError
from connector.domain.ports import Progress
from connector.domain.ruleset import RuleSet
from connector.mapping.roles import student_roles
from connector.planning.suggestion import Candidate
from connector.report.glossary import year_label
from connector.report.suggest_words import METHODS as METHOD_WORDS
from connector.report.suggest_words import candidate_words, suggestion_sentence
from connector.services.check import check_examples
from connector.services.options import (
    CASES,
    METHODS,
    PASSWORDS,
    YEARS,
    Options,
    edit_of,
    edit_to_json,
    options_of,
    require_kept,
)
from connector.services.preview import make_preview
from connector.services.suggest import Suggested, suggest_rules

CASE_WORDS = {
    "": "As usual: codes and logins as they are, names in lower case",
    "lower": "Lower case: asmith",
    "upper": "Capitals: ASMITH",
    "keep": "As in the SIS",
    "title": "Each part with a capital: ASmith",
}
PASSWORD_WORDS = {
    "random": "Random: a single-use secret for each",
    "default": "Default: the same for all, to be changed at the first sign-in",
    "none": "None: network authentication only",
}
LOWEST = ("Student Portal", "Student Security")
SUGGEST = "suggest"

pages = Blueprint("synchronise", __name__)


class Choice(NamedTuple):
    """One option of a field."""

    value: str
    word: str
    chosen: bool
    off: bool = False


@pages.get("/synchronise")
def form() -> ResponseReturnValue:
    """The form, filled with the mapping file's options or those in the address."""
    rules = console().school.settings.rules
    options = _options(request.args, options_of(rules)) if "method" in request.args else options_of(rules)
    return _form(options)


def _resume() -> str:
    """The form as it was filled, for somebody who was signed out before sending it."""
    sent = [pair for pair in request.form.items(multi=True) if pair[0] not in ("form_token", "here")]
    return f"{url_for('synchronise.form')}?{urlencode(sent)}"


@pages.post("/synchronise/preview")
def preview() -> ResponseReturnValue:
    """Make the plan that these options give; nothing is written."""
    school = console().school
    rules = school.settings.rules
    options = _options(request.form, options_of(rules))
    edit = edit_of(options, rules)
    try:
        _require_some(options)
        drafted = school.drafted_rules(edit)
        require_kept(options, drafted)
        parts = school.with_rules(drafted)
        asked = school.request()
    except ConfigError as error:
        return _form(options, wrong=error.message, hint=error.hint), 400
    owner, previews = visitor().name, console().previews
    back = url_for(".form")

    def plan(_work: Work, progress: Progress) -> str:
        made, alignment, now = make_preview(parts, asked, progress)
        progress("Keeping the preview", 0, None)
        outcome = outcome_of(alignment, now, max(0, _broken(drafted) - _broken(rules)))
        return f"/preview/{previews.put(made, 'apply', owner, back, edit_to_json(edit), outcome)}"

    work = console().works.begin(f"plan {owner} {drafted.fingerprint}", owner, "Making the preview", back, plan)
    return watch(work)


preview.resume = _resume  # type: ignore[attr-defined]  # what gate asks for when somebody was signed out


def _broken(rules: RuleSet) -> int:
    """How many of the mapping file's examples do not hold."""
    return sum(not one.well for one in check_examples(rules))


@pages.get("/synchronise/example")
def example() -> ResponseReturnValue:
    """The username the options in the address give a real student."""
    options = _options(request.args, options_of(console().school.settings.rules))
    return jsonify(example=_example(options))


@pages.post("/synchronise/suggest")
@any_role
def suggest() -> ResponseReturnValue:
    """Compare every method with the directory."""
    school, back = console().school, url_for(".form")
    parts, asked = school.parts, school.request()

    def compare(work: Work, progress: Progress) -> str:
        work.result = suggest_rules(parts, asked, progress)
        return back

    work = console().works.begin(SUGGEST, visitor().name, "Comparing usernames with the directory", back, compare)
    return watch(work)


def _form(options: Options, wrong: str = "", hint: str = "") -> str:
    settings = console().school.settings
    rules = settings.rules
    methods = METHODS if options.method in METHODS else (*METHODS, options.method)
    return render_template(
        "synchronise.html",
        options=options,
        wrong=wrong,
        hint=hint,
        methods=[Choice(one, _method_word(one), one == options.method) for one in methods],
        cases=[Choice(one, CASE_WORDS[one], one == options.case) for one in CASES],
        years=[Choice(one, year_label(one), options.years is None or one in options.years) for one in YEARS],
        passwords=[
            Choice(
                one,
                PASSWORD_WORDS[one],
                one == options.passwords,
                off=one == "default" and rules.passwords.default is None,
            )
            for one in PASSWORDS
        ],
        roles=[Choice(one, one, one in options.roles) for one in _roles(options)],
        example=_example(options),
        rules=rules,
        directory=settings.directory,
        **_suggested(),
    )


def _method_word(method: str) -> str:
    known = {"initial_surname": "ASmith: initial + surname"}
    word = known.get(method) or METHOD_WORDS.get(method) or f"{method}, as the mapping file has it"
    return word[:1].upper() + word[1:]


def _roles(options: Options) -> list[str]:
    """The roles students may get, the lowest first."""
    allowed = {*student_roles(console().school.settings.rules.roles), *options.roles}
    return [*(role for role in LOWEST if role in allowed), *sorted(allowed - set(LOWEST))]


def _example(options: Options) -> str:
    """Amelia Smith, S0123, Year 7 → asmith; or why there is none."""
    school = console().school
    try:
        student = school.sample()
        rules = school.drafted_rules(edit_of(options, school.settings.rules))
    except ConnectorError as error:
        return error.message.splitlines()[0]
    return example_of(rules, student)


class Best(NamedTuple):
    """A method that suits the directory: its words, its rate, and the form with it filled in."""

    words: str
    matched: int
    compared: int
    address: str


def _suggested() -> dict[str, object]:
    work = console().works.on(SUGGEST)
    found: Suggested | None = work.result if work is not None else None
    if found is None:
        return {"suggesting": work, "sentence": "", "best": []}
    best = [_best(one) for one in found.suggestion.candidates if not one.sis_field][:3]
    return {"suggesting": work, "sentence": suggestion_sentence(found.suggestion), "best": best}


def _best(one: Candidate) -> Best:
    rules = one.rules
    used = {"method": rules.method, "prefix": rules.prefix, "suffix": rules.suffix, "case": rules.case}
    return Best(candidate_words(one), one.matched, one.compared, f"{url_for('.form')}?{urlencode(used)}")


def _options(sent: MultiDict[str, str], now: Options) -> Options:
    """The options as they were sent; what was not sent stays as it is now."""
    if sent.get("full") != "1":
        return now._replace(
            method=sent.get("method", now.method),
            case=sent.get("case", now.case),
            prefix=sent.get("prefix", now.prefix),
            suffix=sent.get("suffix", now.suffix),
        )
    every_year = sent.get("all_years") == "1"
    years = tuple(year for year in YEARS if year in sent.getlist("year"))
    method, passwords = sent.get("method", now.method), sent.get("passwords", now.passwords)
    if method not in (*METHODS, now.method) or passwords not in PASSWORDS:
        abort(400)
    return Options(
        method=method,
        case=sent.get("case", "") if sent.get("case", "") in CASES else "",
        years=None if every_year else years,
        prefix=sent.get("prefix", "")[:64],
        suffix=sent.get("suffix", "")[:64],
        passwords=passwords,
        overwrite=sent.get("overwrite") == "1",
        roles=tuple(role for role in _in_order(now, sent.getlist("role"))),
    )


def _require_some(options: Options) -> None:
    if options.years == ():
        raise ConfigError("No year level is selected", hint="Select the student year levels to sync, or all.")
    if not options.roles:
        raise ConfigError("No user role is selected", hint="Select at least one; the lowest is recommended.")


def _in_order(now: Options, roles: list[str]) -> list[str]:
    """The chosen roles, those there were in the order they had."""
    return [*(role for role in now.roles if role in roles), *(role for role in roles if role not in now.roles)]
