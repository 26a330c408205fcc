"""The Users pages: the accounts of TrackOne, and one account with all that is known of it."""

from collections.abc import Iterator, Mapping, Sequence

from flask import Blueprint, Response, abort, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from connector.console.chip import Chip, chip
from connector.console.context import console, visitor
from connector.console.gate import any_role, audit
from connector.console.pager import Pager
from connector.console.pages import address_with
from connector.console.watch import watch
from connector.console.words import day
from connector.console.work import Work
from connector.credentials import password_verifier
from connector.domain.account import PERSON, Account, Grant, UserType
from connector.domain.errors import ConfigError
from connector.domain.plan import Change
from connector.domain.ports import Progress
from connector.domain.run import Outcome, Run
from connector.mapping.roles import student_roles
from connector.report.accounts import accounts_csv, accounts_json, state
from connector.services import accounts as by_hand
from connector.services.accounts import Edit, change_roles, edit_plan, set_password
from connector.services.explain import Explanation, explain
from connector.services.roll import STATES, Query

SIZE = 50
CHANGES = 50
"""So many changes of an account are shown."""
SHORTEST = 8
COLUMNS = ("username", "sis_code", "family_name", "given_names", "email")
TABS = (UserType.STAFF, UserType.STUDENT, UserType.PARENT, UserType.SYSTEM)
TAB_WORDS = {"Student": "Students", "Staff": "Staff", "Parent": "Parents", "System": "System"}
STATE_WORDS = {
    "": "All",
    "live": "In use",
    "not-approved": "Not approved",
    "locked-out": "Locked out",
    "override": "Override",
    "archived": "Archived",
}
EDITS: dict[str, tuple[Edit, str]] = {
    "approve": (by_hand.approve, "accounts approve"),
    "disapprove": (by_hand.disapprove, "accounts approve --off"),
    "unlock": (by_hand.unlock, "accounts unlock"),
    "archive": (by_hand.archive, "accounts archive"),
    "restore": (by_hand.restore, "accounts restore"),
    "end-override": (by_hand.end_override, "accounts override --off"),
}

pages = Blueprint("people", __name__)


@pages.get("/users")
def index() -> ResponseReturnValue:
    """One page of the accounts of one type, found, filtered and sorted as the address says."""
    query = _query()
    pager = Pager.asked(SIZE)
    found = console().roll.page(query, pager.start, SIZE)
    counts = console().roll.counts()
    return render_template(
        "users.html",
        query=query,
        tabs=[
            (url_for(".index", type=kind), TAB_WORDS[kind], counts[kind], kind is query.user_type) for kind in TABS
        ],
        chips=_chips(query, found.states, counts[query.user_type]),
        found=found,
        pager=pager.of(found.total),
        columns=COLUMNS,
        sort_address=lambda key: address_with(
            sort=key, down=None if query.sort != key or query.descending else "1", page=None
        ),
        exports=[(form, address_with(page=None, form=form)) for form in ("csv", "json")],
        state=state,
        elsewhere=[] if found.total or not query.text else _elsewhere(query),
        differing=console().school.differing(),
    )


@pages.get("/users/export")
def export() -> ResponseReturnValue:
    """What the address says, as a file."""
    form = request.args.get("form", "csv")
    if form not in ("csv", "json"):
        abort(404)
    accounts: Iterator[Account] = console().roll.everybody(_query())
    lines = accounts_csv(accounts) if form == "csv" else accounts_json(accounts)
    audit("export accounts", form)
    kind = "text/csv" if form == "csv" else "application/json"
    response = Response(stream_with_context(lines), content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="accounts.{form}"'
    return response


@pages.get("/users/<int:number>")
def account(number: int) -> ResponseReturnValue:
    """One account: its columns, its roles and where they come from, its history, and what can be done."""
    return _page(_account(number))


def _page(found: Account, wrong: str = "") -> str:
    """The account's page; `wrong` says why a password that was sent for it will not do."""
    number = found.id
    store, record = console().school.parts.store, console().record
    with store.view() as accounts:
        retired = accounts.retired_names(number)
    history = store.history(number)[:CHANGES]
    runs = {number: record.run(number) for number in {one.run for one in history}}
    work = console().works.on(_topic(number))
    return render_template(
        "account.html",
        one=found,
        state=state(found),
        retired=retired,
        history=history,
        runs=runs,
        givers=[(grant.role, _giver(grant, history, runs)) for grant in found.grants],
        roles=_site_roles(found),
        explanation=work.result if work and work.ended and not work.failed else None,
        work=work,
        wrong=wrong,
        shortest=SHORTEST,
    )


@pages.post("/users/<int:number>/edit")
def edit(number: int) -> ResponseReturnValue:
    """Show what an edit would do; a preview like any other."""
    found = _account(number)
    what = request.form.get("what", "")
    change, command = _edit_asked(what, found)
    plan = edit_plan(console().school.parts, [found.username], change)
    if not plan.changes:
        return redirect(url_for(".account", number=number, said="no-change"), 303)
    preview_id = console().previews.put(plan, command, visitor().name, url_for(".account", number=number))
    return redirect(url_for("preview.page", preview_id=preview_id), 303)


@pages.post("/users/<int:number>/password")
def password(number: int) -> ResponseReturnValue:
    """Override network authentication with a new password, in one run; a password waits in no preview."""
    found = _account(number)
    _refuse_system(found)
    secret, again = request.form.get("password", ""), request.form.get("again", "")
    if len(secret) < SHORTEST or secret != again:
        short = f"The password has fewer than {SHORTEST} characters."
        wrong = "The two passwords are not the same." if secret != again else short
        return _page(found, f"{wrong} Nothing was changed."), 400
    parts, verifier = console().school.parts, password_verifier(secret)
    set_password(parts, found.username, verifier, "console", visitor().name, by_hand.override)
    audit("set password", found.username)
    return redirect(url_for(".account", number=number, said="password"), 303)


@pages.post("/users/<int:number>/why")
@any_role
def begin_why(number: int) -> ResponseReturnValue:
    """Look the person up everywhere: SIS, directory, and what a synchronise would do now."""
    found = _account(number)
    back = url_for(".account", number=number)
    parts, request_ = console().school.parts, console().school.request()

    def look(work: Work, progress: Progress) -> str:
        explained: Explanation = explain(parts, found.sis_code or found.username, request_, progress)
        work.result = explained
        return f"{back}#why"

    work = console().works.begin(_topic(number), visitor().name, "Looking this person up", back, look)
    return watch(work)


def _giver(grant: Grant, history: Sequence[Outcome], runs: Mapping[int, Run | None]) -> str:
    """Who gave a role, in words; an import counts as a person's doing, and is named where its run is shown."""
    if grant.by != PERSON:
        return grant.by
    giving = next((one.run for one in history if _gives(one.change, grant)), 0)
    run = runs.get(giving)
    imported = run is not None and run.command == "accounts import"
    return f"the import of {day(run.started_at)}, run {giving}" if run is not None and imported else "a person"


def _gives(change: Change, grant: Grant) -> bool:
    had = change.before is not None and grant in change.before.grants
    return change.after is not None and grant in change.after.grants and not had


def _topic(number: int) -> str:
    return f"why {number}"


def _query() -> Query:
    kind = request.args.get("type", "Student")
    return Query(
        UserType(kind) if kind in TAB_WORDS else UserType.STUDENT,
        request.args.get("q", "").strip()[:200],
        request.args.get("state", ""),
        request.args.get("sort", "username"),
        descending=request.args.get("down") == "1",
    )


def _chips(query: Query, states: dict[str, int], everybody: int) -> list[Chip]:
    counts, now = {"": everybody, **states}, query.state if query.state in STATES else ""
    return [chip("state", key, word, counts[key], now) for key, word in STATE_WORDS.items()]


def _elsewhere(query: Query) -> list[tuple[str, str, int]]:
    """Where else the text that was searched for is found: address, tab and how many."""
    numbers = console().roll.numbers(query)
    return [
        (url_for(".index", type=kind, q=query.text), TAB_WORDS[kind], numbers[kind]) for kind in TABS if numbers[kind]
    ]


def _account(number: int) -> Account:
    with console().school.parts.store.view() as accounts:
        found = accounts.account(number)
    if found is None:
        abort(404, "There is no such account any more.")
    return found


def _site_roles(one: Account) -> list[str]:
    """The roles this account may be given here."""
    settings = console().school.settings
    allowed = student_roles(settings.rules.roles)
    if one.user_type is UserType.STUDENT:
        return sorted({*allowed, *one.roles})
    return sorted({*settings.store.roles, *allowed, *one.roles})


def _edit_asked(what: str, found: Account) -> tuple[Edit, str]:
    _refuse_system(found)
    if what == "roles":
        settings = console().school.settings
        wanted = set(request.form.getlist("role"))
        add = sorted(wanted - set(found.roles))
        remove = sorted(set(found.roles) - wanted)
        known = (*settings.store.roles, *found.roles) if settings.store.roles else ()
        return change_roles(add, remove, known, student_roles(settings.rules.roles)), "accounts roles"
    if what not in EDITS:
        abort(404)
    return EDITS[what]


def _refuse_system(found: Account) -> None:
    if found.user_type is UserType.SYSTEM:
        raise ConfigError("System accounts are the product's own and are not edited here.")
