"""The user store by hand: every edit is a plan first, shown and then applied like any other."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from connector.domain.account import EXPORT_KEYS, PERSON, Account, Grant, UserType, effective_roles, export
from connector.domain.errors import ConfigError, ConnectorError, OperationError
from connector.domain.finding import Finding, finding
from connector.domain.operation import ReportFolder
from connector.domain.plan import Action, Change, Counts, Plan
from connector.domain.ports import AccountReader, Credential, RunRequest
from connector.domain.run import CREDENTIAL_SET, ERASE
from connector.domain.student import Student
from connector.mapping.keys import case_key, fold_key
from connector.mapping.roles import student_roles
from connector.mapping.safety import unsafe_email_part, unsafe_part
from connector.planning.decide import RELEASED
from connector.planning.plan_file import fingerprinted
from connector.services.account_file import ImportRow
from connector.services.parts import Parts

BY_HAND = ("by hand",)
Edit = Callable[[Account], Account]


def find_one(accounts: AccountReader, code_or_username: str) -> Account:
    """The one account a person means. Raises ConfigError when there is none, or more than one."""
    found = accounts.find(code_or_username)
    exact = [one for one in found if case_key(one.username) == case_key(code_or_username)] or found
    if not found:
        raise ConfigError(
            f"{code_or_username}: no account with this username or SIS code",
            hint="Search: trackone accounts list TEXT",
        )
    if len(exact) > 1:
        names = ", ".join(sorted(one.username for one in exact))
        raise ConfigError(f"{code_or_username} is more than one account: {names}", hint="Name one by its username.")
    return exact[0]


def edit_plan(parts: Parts, whom: Sequence[str], edit: Edit) -> Plan:
    """The plan that edits these accounts; one that is already as wanted gives no change."""
    with parts.store.view() as accounts:
        befores = {one.id: one for one in (find_one(accounts, name) for name in whom)}
    changes = [change for one in befores.values() if (change := _change(one, edit(one))) is not None]
    return _plan(parts, changes, unchanged=len(befores) - len(changes))


def archive(account: Account) -> Account:
    """The account archived by a person; a sync will not restore it."""
    return account if account.archived else account._replace(archived=True, archived_by=PERSON)


def restore(account: Account) -> Account:
    """The account in use again."""
    return account._replace(archived=False, archived_by="")


def approve(account: Account) -> Account:
    """The account approved, so that it can sign in."""
    return account._replace(approved=True, disabled_by="")


def disapprove(account: Account) -> Account:
    """The account not approved; a sync will not approve it."""
    return account if not account.approved else account._replace(approved=False, disabled_by=PERSON)


def unlock(account: Account) -> Account:
    """The account no longer locked out."""
    return account._replace(locked_out=False)


def change_roles(
    add: Sequence[str], remove: Sequence[str], site_roles: Sequence[str], student_roles: Iterable[str]
) -> Edit:
    """Roles given and taken by a person, who withdraws only what a person gave or denied.

    A role that a rule or a SCIM client gave stays theirs to withdraw; a person's deny keeps it from the account.
    Raises ConfigError for a role the site does not know, and for a protected role of a student.
    """
    unknown = [role for role in (*add, *remove) if site_roles and role not in site_roles]
    if unknown:
        raise ConfigError(f"{unknown[0]}: not a role of this site", hint=f"Known roles: {', '.join(site_roles)}")
    allowed = set(student_roles)

    def edit(account: Account) -> Account:
        forbidden = [role for role in add if account.user_type is UserType.STUDENT and role not in allowed]
        if forbidden:
            raise ConfigError(
                f"{forbidden[0]}: a student may not get this role",
                hint="The roles a student may get: student_roles in [roles] of the mapping file.",
            )
        after = _with_roles(account, add, remove)
        for deny in after.denies:
            if deny.role in add:
                raise ConfigError(
                    f"{deny.role}: {deny.by} keeps it from {account.username}",
                    hint="A deny beats every grant: change that rule, or who it applies to.",
                )
        return after

    return edit


def _with_roles(account: Account, add: Iterable[str], remove: Iterable[str]) -> Account:
    """The account with roles given and taken by a person; what others granted is denied, not withdrawn."""
    given, taken = {Grant(role, PERSON) for role in add}, {Grant(role, PERSON) for role in remove}
    grants = {*account.grants} - taken | given
    granted = {one.role for one in grants}
    denies = {*account.denies} - given | {one for one in taken if one.role in granted}
    now, not_now = tuple(sorted(grants)), tuple(sorted(denies))
    return account._replace(grants=now, denies=not_now, roles=effective_roles(now, not_now))


def rename_plan(parts: Parts, who: str, username: str) -> Plan:
    """The plan that gives an account a username by hand.

    Raises ConfigError for a name nobody could sign in with, OperationError for one that somebody else has.
    """
    _require_username(username)
    with parts.store.view() as accounts:
        account = find_one(accounts, who)
        holder = accounts.holders([fold_key(username)]).get(fold_key(username))
    if holder is not None and holder.account_id != account.id:
        state = "reserved for" if holder.retired else "held by"
        raise OperationError(f"{username} is {state} {holder.sis_code or holder.username}")
    change = _change(account, account._replace(username=username))
    return _plan(parts, [change] if change else [], unchanged=0 if change else 1)


def create_plan(parts: Parts, account: Account) -> Plan:
    """The plan that creates one account by hand.

    Raises ConfigError for a username no network login could be, OperationError when its name or code is taken.
    """
    _require_username(account.username)
    with parts.store.view() as accounts:
        holder = accounts.holders([fold_key(account.username)]).get(fold_key(account.username))
        if holder is not None:
            state = "reserved for" if holder.retired else "held by"
            raise OperationError(f"{account.username} is {state} {holder.sis_code or holder.username}")
        student = account.user_type is UserType.STUDENT
        if student and account.sis_code and accounts.students_by_code([fold_key(account.sis_code)]):
            raise OperationError(f"An account with the SIS code {account.sis_code} exists already")
    return _plan(parts, [Change(Action.CREATE, None, account, (), BY_HAND)])


def _require_username(username: str) -> None:
    unsafe = unsafe_email_part(username) if "@" in username else unsafe_part(username)
    if not username or unsafe or any(sign.isspace() for sign in username):
        fault = unsafe or ("a blank" if username else "nothing at all")
        raise ConfigError(f'"{username}" cannot be a username: it holds {fault}', hint="Use letters and digits.")


def link_plan(parts: Parts, username: str, code: str) -> Plan:
    """The plan that gives a Student account without a SIS code the code of a student.

    Raises OperationError when the account has another code, or the code another account.
    """
    with parts.store.view() as accounts:
        account = find_one(accounts, username)
        others = accounts.students_by_code([fold_key(code)])
    if account.user_type is not UserType.STUDENT:
        raise OperationError(f"{account.username} is a {account.user_type} account; only students are linked")
    if account.sis_code and fold_key(account.sis_code) != fold_key(code):
        raise OperationError(f"{account.username} has the SIS code {account.sis_code} already")
    if others and others[0].account.id != account.id:
        raise OperationError(f"The SIS code {code} is that of {others[0].account.username} already")
    change = _change(account, account._replace(sis_code=code, claimed=True), (*BY_HAND, _in_the_sis(parts, code)))
    return _plan(parts, [change] if change else [], unchanged=0 if change else 1)


def _in_the_sis(parts: Parts, code: str) -> str:
    """Whom the SIS has under the code, to be compared with the account."""
    key, found = fold_key(code), "nobody"
    try:
        reading = parts.source.open(parts.clock().astimezone().date())
        for item in (reading.student(row) for row in reading.rows() if fold_key(reading.code(row)) == key):
            if isinstance(item, Student):
                year = f", year level {item.year_level}" if item.year_level else ""
                found = f"{item.given} {item.family}{year}"
    except ConnectorError:
        return "the SIS could not be read, so compare the names yourself"
    return f"in the SIS {code} is {found}"


def release_plan(parts: Parts, username: str) -> tuple[Plan, str]:
    """The plan that frees a username for others, and the key of the reservation to end.

    A former name is only reserved: its owner stays as they are, and the record says that they gave it up. An
    archived holder takes a name nobody wants, made of its own. Raises OperationError when a live account holds the
    name.
    """
    key = fold_key(username)
    with parts.store.view() as accounts:
        holder = accounts.holders([key]).get(key)
        if holder is None:
            raise OperationError(f"{username} is free: nobody holds or has reserved it")
        account = accounts.account(holder.account_id)
        assert account is not None  # noqa: S101 - a holder is an account
        why = (f"releases {username}",)
        if holder.retired:
            return _plan(parts, [Change(Action.UPDATE, account, account, (), why)]), key
        if account.live:
            raise OperationError(
                f"{account.username} is held by a live account",
                hint=f"Rename or archive it first: trackone why {account.username}",
            )
        fresh = _unwanted_name(accounts, account)
    change = Change(Action.RENAME, account, account._replace(username=fresh), ("username",), why)
    return _plan(parts, [change]), key


def import_plan(parts: Parts, rows: Sequence[ImportRow]) -> Plan:
    """The plan that makes the store's accounts those of an export.

    A Student row with a SIS code is the account with that code; any other is the account with that username.
    Accounts that the export does not name are left alone, and so are columns that it does not have. Raises
    OperationError when a username is held by somebody else, ConfigError for a role that no student may get.
    """
    _refuse_roles(rows, student_roles(parts.rules.roles))
    changes: list[Change] = []
    findings: list[Finding] = []
    with parts.store.view() as accounts:
        existing = _existing(accounts, rows)
        for row, given in rows:
            before = existing.get(_identity(row))
            if before is None:
                changes.append(Change(Action.CREATE, None, row, (), ("in the import",)))
                continue
            after = _imported(before, row, given)
            change = _change(before, after, ("as in the import",))
            if change is not None:
                changes.append(change)
        findings += _collisions(accounts, changes)
    if findings:
        lines = "\n".join(f"  {one.detail}" for one in findings[:20])
        raise OperationError(f"{len(findings)} usernames of the import are held by other accounts:\n{lines}")
    return _plan(parts, changes, unchanged=len(rows) - len(changes), kind="import")


def _existing(accounts: AccountReader, given: Sequence[ImportRow]) -> dict[tuple[str, str], Account]:
    rows = [one.account for one in given]
    codes = [fold_key(row.sis_code) for row in rows if row.user_type is UserType.STUDENT and row.sis_code]
    found = {("code", fold_key(one.account.sis_code)): one.account for one in accounts.students_by_code(codes)}
    types = {fold_key(row.username): row.user_type if "user_type" in keys else None for row, keys in given}
    for key, holder in accounts.holders(list(types)).items():
        account = None if holder.retired else accounts.account(holder.account_id)
        if account is not None and types[key] in (None, account.user_type):
            found["name", key] = account
    for row in rows:
        by_name = found.get(("name", fold_key(row.username)))
        linkable = by_name is not None and not by_name.sis_code and by_name.user_type is row.user_type
        if row.sis_code and by_name is not None and linkable:
            found.setdefault(_identity(row), by_name)
    return found


def _identity(row: Account) -> tuple[str, str]:
    if row.user_type is UserType.STUDENT and row.sis_code:
        return ("code", fold_key(row.sis_code))
    return ("name", fold_key(row.username))


def _refuse_roles(rows: Sequence[ImportRow], allowed: Collection[str]) -> None:
    """A student never gets a role beyond those students may get, not from an import either."""
    for row, _given in rows:
        beyond = [role for role in row.roles if role not in allowed]
        if row.user_type is UserType.STUDENT and beyond:
            raise ConfigError(
                f"{row.username}: a student may not have the role {beyond[0]}",
                hint="Take it out of the file, or name it under student_roles in [roles] of the mapping file.",
            )


def _imported(before: Account, row: Account, given: Collection[str]) -> Account:
    """The account with the columns the file gives; what else is kept stays, roles are given and taken by a person."""
    left_out = [key for key in EXPORT_KEYS if key not in given and key != "external_id"]
    row = row._replace(**{key: getattr(before, key) for key in left_out})
    held, wanted = {*before.roles}, {*row.roles}
    with_roles = _with_roles(before, wanted - held, held - wanted) if held != wanted else before
    return row._replace(
        id=before.id,
        version=before.version,
        roles=with_roles.roles,
        grants=with_roles.grants,
        denies=with_roles.denies,
        archived_by=before.archived_by if before.archived == row.archived else row.archived_by,
        disabled_by=before.disabled_by if before.approved == row.approved else row.disabled_by,
        email_by=before.email_by,
        claimed=before.claimed,
        stable_id=before.stable_id,
        last_sign_in=before.last_sign_in,
    )


def _collisions(accounts: AccountReader, changes: Sequence[Change]) -> list[Finding]:
    moving = {one.before.id for one in changes if one.before is not None and one.action is Action.RENAME}
    wanted = {fold_key(one.username): one for one in changes if one.action in (Action.CREATE, Action.RENAME)}
    clashes: list[Finding] = []
    for key, holder in accounts.holders(list(wanted)).items():
        change = wanted[key]
        own = change.before.id if change.before else 0
        if holder.account_id != own and holder.account_id not in moving:
            who = holder.sis_code or holder.username
            detail = f"{change.username} (for {change.sis_code or 'no code'}) is held or reserved by {who}"
            clashes.append(finding("duplicate-username", username=change.username, detail=detail))
    return clashes


def _unwanted_name(accounts: AccountReader, account: Account) -> str:
    """A username that no mapping makes: the released one with a mark and the account's number."""
    base = f"{account.username}{RELEASED}{account.id}"
    taken = accounts.holders([fold_key(base)])
    return base if not taken else f"{base}{RELEASED}{account.version}"


def _change(before: Account, after: Account, reasons: tuple[str, ...] = BY_HAND) -> Change | None:
    old, new = export(before), export(after)
    changed = tuple(key for key, value in new.items() if value != old[key])
    if not changed and before == after:
        return None
    if before.archived and not after.archived:
        action = Action.RESTORE
    elif after.archived and not before.archived:
        action = Action.ARCHIVE
    else:
        action = Action.RENAME if "username" in changed else Action.UPDATE
    return Change(action, before, after, changed, reasons)


def _plan(parts: Parts, changes: Sequence[Change], *, unchanged: int = 0, kind: str = "accounts") -> Plan:
    numbers = {action.value: sum(one.action is action for one in changes) for action in Action}
    plan = Plan(parts.clock(), tuple(changes), counts=Counts(**numbers, unchanged=unchanged), kind=kind)
    return fingerprinted(replace(plan))


def override(account: Account) -> Account:
    """The account signing in with its own password, although the network signs others in."""
    return account._replace(override_network_authentication=True)


def end_override(account: Account) -> Account:
    """The account signing in through the network again."""
    return account._replace(override_network_authentication=False)


def set_password(parts: Parts, who: str, verifier: str, origin: str, actor: str, edit: Edit | None = None) -> Account:
    """Give an account a password of its own, known by its verifier, and `edit` it in the same run.

    The password leaves no image. It comes first, so that the images are those the run ends with and it can be undone.
    """
    with parts.store.run(RunRequest(CREDENTIAL_SET, origin, actor)) as writer:
        account = find_one(writer, who)
        writer.set_credential(account.id, Credential(verifier))
        now = find_one(writer, who)
        change = _change(now, edit(now)) if edit is not None else None
        if change is not None:
            writer.write([change])
        writer.close({change.action.value: 1} if change is not None else {}, {"account": account.id}, ())
    return account


def erase(parts: Parts, who: str, origin: str, actor: str, reports: ReportFolder | None = None) -> int:
    """Remove an account for ever, its names and its images in the record of runs too.

    Of the `reports` of unattended syncs those that name it are deleted; returns how many. Raises OperationError when
    one cannot be deleted; the account is gone by then.
    """
    with parts.store.run(RunRequest(ERASE, origin, actor)) as writer:
        account = find_one(writer, who)
        words = (account.username, account.sis_code, *writer.retired_names(account.id))
        writer.erase(account.id)
        writer.close({}, {"account": account.id}, ())
    return reports.drop_naming(words) if reports is not None else 0


def release(parts: Parts, plan: Plan, key: str, origin: str, actor: str) -> None:
    """Free a username: rename an archived holder as the plan says, then end the reservation."""
    with parts.store.run(RunRequest("accounts release", origin, actor, plan.fingerprint)) as writer:
        writer.write(plan.changes)
        writer.free_name(key)
        writer.close({one.action.value: 1 for one in plan.changes}, {"releases": key}, ())
