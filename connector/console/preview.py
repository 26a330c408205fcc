"""A preview: a plan shown kind by kind, rows left out, then done once and exactly as it was reviewed."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.console.chip import Chip, chip
from connector.console.context import Console, console, visitor
from connector.console.gate import audit
from connector.console.pager import Pager
from connector.console.previews import Held
from connector.console.watch import watch
from connector.console.work import Work
from connector.domain.console import AuditLine, Preview, PreviewState
from connector.domain.errors import ConnectorError, PlanError, StoreError
from connector.domain.finding import Finding
from connector.domain.plan import Action, Change, Plan, Skip
from connector.domain.ports import Progress
from connector.mapping.keys import fold_key, search_words
from connector.planning.plan_file import seal
from connector.report.changes import ORDER, person, what, why
from connector.report.glossary import MARKS, TONES
from connector.report.json_text import escaped
from connector.report.plan_csv import plan_csv
from connector.report.plan_html import plan_html
from connector.report.plan_text import waiting_first
from connector.report.sentences import done_sentence, guard_fact, guard_meaning, guard_sentence, many, plan_sentence
from connector.services.leave_out import Rest, without
from connector.services.options import edit_from_json
from connector.services.synchronise import Site, synchronise

SIZE = 50
OPTIONS_THERE = (
    "\nThe mapping file has the new options already: what is synchronised by a schedule waits until somebody has "
    "synchronised with them here. The file as it was is the newest in .history beside it."
)
DO_WORDS = {"sync": "Synchronise Users", "undo": "Undo", "accounts": "Do it", "rename": "Rename", "import": "Import"}

pages = Blueprint("preview", __name__)


class Row(NamedTuple):
    """One change with its place in the plan; `kept` unless a person left it out, `also` says why it had to go too."""

    place: int
    change: Change
    kept: bool
    also: str


@pages.get("/preview/<preview_id>")
def page(preview_id: str) -> ResponseReturnValue:
    """The preview where it stands: to be reviewed, going on, or done."""
    kept, plan = _opened(preview_id)
    if kept.state is PreviewState.TAKEN:
        work = console().works.on(_topic(preview_id))
        if work is not None and not work.ended:
            return watch(work)
        _settle(kept)
        return redirect(url_for(".page", preview_id=preview_id), 303)
    if kept.state is PreviewState.DONE:
        return _done_page(kept, plan)
    return _review_page(kept, plan)


@pages.post("/preview/<preview_id>")
def choose(preview_id: str) -> ResponseReturnValue:
    """Keep the ticks of the page that was shown; then, if asked to, do the plan."""
    kept, plan = _opened(preview_id)
    here = url_for(".page", preview_id=preview_id)
    if kept.state is not PreviewState.OPEN:
        return redirect(here, 303)
    if request.form.get("seen") != _seen(kept):
        return redirect(_back_to_page("changed-elsewhere", preview_id), 303)
    left_out, accepted = _chosen(kept, plan)
    rest = without(console().school.parts, plan, left_out)
    chosen = kept._replace(left_out=frozenset(left_out | rest.also.keys()), accepted=frozenset(accepted))
    if not console().record.leave_out(preview_id, chosen.left_out, chosen.accepted):
        return redirect(here, 303)
    if request.form.get("do") != "synchronise":
        return redirect(_back_to_page("kept", preview_id), 303)
    if {line.code for line in plan.refused} - accepted:
        return redirect(_back_to_page("refused", preview_id), 303)
    return redirect(_back_to_page("also-left-out", preview_id), 303) if rest.also else _begin(chosen, rest)


def _chosen(kept: Preview, plan: Plan) -> tuple[set[int], set[str]]:
    """What is left out and accepted once the ticks of the page that was shown count."""
    shown = {int(text) for text in request.form.getlist("shown") if text.isdecimal()}
    taken = {int(text) for text in request.form.getlist("take") if text.isdecimal()}
    accepted = {line.code for line in plan.refused} & set(request.form.getlist("accept"))
    return (set(kept.left_out) - shown) | (shown - taken), accepted


@pages.get("/preview/<preview_id>/plan.<form>")
def download(preview_id: str, form: str) -> ResponseReturnValue:
    """The plan without what was left out, as a file: json for `trackone apply`, csv and html for people."""
    kept, plan = _opened(preview_id)
    room = console()
    rest = room.previews.rest(preview_id, kept.left_out).plan
    if form == "json":
        text, kind = escaped(seal(rest, room.school.parts.store.plan_key())), "application/json"
    elif form == "csv":
        text, kind = "".join(plan_csv(rest)), "text/csv"
    elif form == "html":
        text, kind = plan_html(rest, room.name, names=plan.names), "text/html"
    else:
        abort(404)
    audit("download plan", form)
    response = Response(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="plan.{form}"'
    return response


def _opened(preview_id: str) -> tuple[Preview, Plan]:
    kept = console().previews.find(preview_id)
    if kept is None:
        abort(404, "This preview is not kept any more. Make it again.")
    return kept, console().previews.held(preview_id).plan


def _back_to_page(said: str, preview_id: str) -> str:
    """The page of the preview the form was sent from."""
    shown = {key: request.form.get(f"page-{key}", "") for key in ("kind", "q", "page")}
    query = urlencode({"said": said, **{key: value for key, value in shown.items() if value}})
    return f"{url_for('.page', preview_id=preview_id)}?{query}"


def _seen(kept: Preview) -> str:
    """What a page shows of the choices made so far: a page that shows others is out of date."""
    return hashlib.sha256(repr((sorted(kept.left_out), sorted(kept.accepted))).encode()).hexdigest()[:16]


def _topic(preview_id: str) -> str:
    return f"apply {preview_id}"


def _begin(kept: Preview, rest: Rest) -> ResponseReturnValue:
    """Do the plan beside the requests; whoever comes second is led to the same work.

    The preview is taken by the work, never before it: a preview that is taken without any work was left behind.
    """
    room, who, address = console(), visitor(), url_for(".page", preview_id=kept.id)

    def note(result: str) -> None:
        line = AuditLine(room.clock(), who.name, who.address, kept.command, f"preview {kept.id[:8]}", result)
        room.record.audit(line)

    def do(_work: Work, progress: Progress) -> str:
        if room.record.take_preview(kept.id, rest.plan.fingerprint):
            note(f"begun: {many(len(rest.plan.changes), 'change')}")
            ended = _apply(room, kept, rest.plan, who.name, progress)
            with suppress(StoreError):  # the run's own record says the same
                note(ended)
        return address

    title = DO_WORDS.get(rest.plan.kind, "Do it")
    return watch(room.works.begin(_topic(kept.id), who.name, title, address, do))


def _apply(room: Console, kept: Preview, plan: Plan, who: str, progress: Progress) -> str:
    """The run itself; the preview then says what became of it, and so does what is returned, in short."""
    school = room.school
    try:
        settings, edit = school.settings, edit_from_json(kept.options)
        done = synchronise(
            school.with_rules(school.drafted_rules(edit)),  # new accounts get their passwords by the new options too
            plan,
            edit,
            Site(settings.school.state, settings.store.roles),
            "console",
            who,
            accept=kept.accepted,
            command=kept.command,
            progress=progress,
        )
    except ConnectorError as error:
        hint = "Make the preview again." if isinstance(error, PlanError) else error.hint
        room.record.give_back_preview(kept.id, f"{error.message}\n{hint}".strip())
        return f"not done: {error.message.splitlines()[0]}"
    except Exception:
        room.record.give_back_preview(kept.id, "It stopped before it was done; nothing was written.")
        raise
    room.record.finish_preview(kept.id, done.run, "")
    return f"done: run {done.run}"


def _settle(kept: Preview) -> None:
    """A preview whose work ended with the console that did it: done, or not at all."""
    run = console().school.parts.store.applied_as(kept.fingerprint)
    if run is not None:
        console().record.finish_preview(kept.id, run, "")
        return
    told = "The console was stopped before it was done; no account was changed."
    console().record.give_back_preview(kept.id, f"{told}{OPTIONS_THERE if _options_there(kept) else ''}")


def _options_there(kept: Preview) -> bool:
    """Whether the mapping file says already what the preview's options say."""
    if not kept.options:
        return False
    with suppress(ConnectorError):
        school = console().school
        return school.drafted_rules(edit_from_json(kept.options)).fingerprint == school.settings.rules.fingerprint
    return False


def _review_page(kept: Preview, plan: Plan) -> str:
    rest = console().previews.rest(kept.id, kept.left_out)
    kind, text = request.args.get("kind", ""), request.args.get("q", "").strip()[:200]
    listed = _listed(kept, plan, kind, text)
    pager = Pager.asked(SIZE).of(len(listed))
    shown = listed[pager.start : pager.start + SIZE]
    if kind not in ("skip", "finding"):
        shown = [Row(one, plan.changes[one], one not in kept.left_out, rest.also.get(one, "")) for one in shown]
    return render_template(
        "preview.html",
        kept=kept,
        plan=plan,
        sentence=plan_sentence(plan),
        guard=_guard(plan, kept),
        chips=_chips(console().previews.held(kept.id), kind),
        kind=kind,
        text=text,
        pager=pager,
        listed=shown,
        left_out=len(plan.changes) - len(rest.plan.changes),
        to_do=len(rest.plan.changes),
        seen=_seen(kept),
        staying=sum(one.code == "rename-breaks-login" for one in plan.findings),
        do_word=DO_WORDS.get(plan.kind, "Do it"),
        open_refusals=bool({line.code for line in plan.refused} - kept.accepted),
    )


def _listed(kept: Preview, plan: Plan, kind: str, text: str) -> Sequence[Any]:
    """What a filter and a search leave: skips, findings, or the places of changes."""
    words = search_words(text)
    if kind == "skip":
        return [skip for skip in waiting_first(plan.skips) if _holds(_skip_text(skip, plan), words)]
    if kind == "finding":
        return [one for one in plan.findings if _holds(_finding_text(one, plan), words)]
    held = console().previews.held(kept.id)
    places = held.places.get(kind, held.places[""])
    if not words:
        return places
    if not held.texts:
        held.texts.extend(map(_change_text, plan.changes))
    return [place for place in places if all(word in held.texts[place] for word in words)]


def _done_page(kept: Preview, plan: Plan) -> str:
    run = console().record.run(kept.run or 0)
    rest = _less(plan, kept)
    return render_template(
        "done.html", kept=kept, plan=plan, run=run, sentence=done_sentence(rest.counts), skips=len(plan.skips)
    )


def _less(plan: Plan, kept: Preview) -> Plan:
    """The plan less what was left out, when it has been done already."""
    changes = tuple(one for place, one in enumerate(plan.changes) if place not in kept.left_out)
    numbers = Counter(change.action.value for change in changes)
    counts = replace(plan.counts, **{action.value: numbers[action.value] for action in Action})
    return replace(plan, changes=changes, counts=counts)


def _guard(plan: Plan, kept: Preview) -> dict[str, Any]:
    """What the guard says of the plan, with what was accepted in this preview."""
    judged = [line._replace(accepted=line.accepted or line.code in kept.accepted) for line in plan.guard]
    lines = [
        {
            "code": line.code,
            "refused": before.refused and not before.accepted,
            "accepted": line.accepted,
            "fact": guard_fact(line),
            "meaning": guard_meaning(line.code) if line.refused else "",
        }
        for before, line in zip(plan.guard, judged, strict=True)
        if line.refused or line.code == "mapping-changed"
    ]
    return {"sentence": guard_sentence(replace(plan, guard=tuple(judged))), "lines": lines}


def _chips(held: Held, kind: str) -> list[Chip]:
    plan, counts = held.plan, {kind: len(places) for kind, places in held.places.items()}
    chips = [chip("kind", "", "All changes", counts[""], kind)]
    chips += [
        chip("kind", one, one.value.capitalize(), counts[one], kind, MARKS[one], TONES[one])
        for one in ORDER
        if counts[one]
    ]
    if plan.skips:
        chips.append(chip("kind", "skip", "No account", len(plan.skips), kind, "○"))
    if plan.findings:
        chips.append(chip("kind", "finding", "Findings", len(plan.findings), kind, "◆", "warn"))
    return chips


def _holds(text: str, words: Sequence[str]) -> bool:
    return not words or all(word in fold_key(text) for word in words)


def _change_text(one: Change) -> str:
    return fold_key(" ".join((one.username, one.sis_code, person(one.subject), what(one), why(one))))


def _skip_text(skip: Skip, plan: Plan) -> str:
    return " ".join((skip.sis_code, skip.reason, skip.detail, plan.names.get(skip.sis_code, "")))


def _finding_text(one: Finding, plan: Plan) -> str:
    said = (one.code, one.sis_code, one.username, one.login, one.dn, one.detail, plan.names.get(one.sis_code or ""))
    return " ".join(part for part in said if part)
