"""One person's explanation, laid out for a terminal."""

from connector.domain.account import Holder
from connector.domain.entry import DirectoryEntry
from connector.domain.student import Reject, Student
from connector.report.accounts import state
from connector.report.changes import what, why
from connector.report.glossary import MARKS
from connector.report.terminal import Line, Table, Tone, laid_out
from connector.services.explain import Explanation


def why_text(said: Explanation, *, colour: bool, width: int) -> str:
    """Row, mapping, names, account, directory, decision and history of one person, in this order."""
    parts: list[Line | Table] = [Line(f"SIS code {said.sis_code}", Tone.STRONG)]
    parts += _row(said)
    parts += _mapping(said)
    parts += _account(said)
    parts += _directory(said)
    parts += _decision(said)
    parts += _history(said)
    return laid_out(parts, colour=colour, width=width)


def _row(said: Explanation) -> list[Line | Table]:
    if not said.rows:
        return [Line("\nSIS: no row of the read has this code.", Tone.WARN)]
    parts: list[Line | Table] = []
    for row in said.rows:
        if isinstance(row, Reject):
            parts.append(Line(f"\nSIS: {row.place} is rejected: {row.detail}", Tone.BAD))
        else:
            parts.append(Table(f"SIS: {row.place}", ("Field", "Value"), _fields(row)))
    return parts


def _fields(student: Student) -> list[tuple[str, str]]:
    year = f"{student.year_level or '-'} (from {student.year_level_raw!r})" if student.year_level_raw else "-"
    facts = [
        ("given names", student.legal_given),
        ("family name", student.legal_family),
        ("middle name", student.middle),
        ("preferred name", f"{student.preferred_given} {student.preferred_family}".strip()),
        ("status", str(student.status)),
        ("year level", year),
        ("campus", ", ".join(student.campuses)),
        ("e-mail", student.email),
        ("network login", student.network_login),
        ("entry, exit", " to ".join(d.isoformat() if d else "" for d in (student.entry_date, student.exit_date))),
        ("flags", ", ".join(sorted(student.flags))),
        ("classes", ", ".join(sorted(student.classes))),
    ]
    return [(name, value) for name, value in facts if value.strip() not in ("", "to")]


def _mapping(said: Explanation) -> list[Line | Table]:
    parts: list[Line | Table] = []
    if said.steps:
        parts.append(Table("Mapping", ("Step", "Result", "Why"), [tuple(step) for step in said.steps]))
    if said.candidates:
        rows = [(name, _holder(holder, said)) for name, holder in said.candidates]
        parts.append(Table("Usernames in order", ("Candidate", "Who has it"), rows))
    return parts


def _holder(holder: Holder | None, said: Explanation) -> str:
    if holder is None:
        return "free"
    if said.account is not None and holder.account_id == said.account.id:
        return "this account" if not holder.retired else "reserved for this account"
    verb = "reserved for" if holder.retired else "held by"
    return f"{verb} {holder.user_type} {holder.sis_code or holder.username}"


def _account(said: Explanation) -> list[Line | Table]:
    one = said.account
    if one is None:
        return [Line("\nAccount: none.")]
    grants = "; ".join(f"{grant.role} ({grant.by})" for grant in one.grants)
    denies = "; ".join(f"not {deny.role} ({deny.by})" for deny in one.denies)
    rows = [
        ("username", one.username),
        ("state", state(one)),
        ("roles", "; ".join(part for part in (grants, denies) if part) or "none"),
        ("year level, campus", f"{one.year_level or '-'}, {one.campus or '-'}"),
        ("former usernames", ", ".join(said.former_names) or "none"),
        ("kept in step with the SIS", "yes" if one.claimed else "no: no SIS row ever had its code"),
    ]
    return [Table("Account", ("", ""), rows)]


def _directory(said: Explanation) -> list[Line | Table]:
    if said.directory_fault:
        return [Line(f"\nDirectory: {said.directory_fault}", Tone.BAD)]
    if not said.entries:
        return [Line("\nDirectory: no entry is keyed to this code, or there is no directory.")]
    rows = [(entry.login, entry.key or "-", _entry_state(entry), entry.dn) for entry in said.entries]
    return [Table("Directory", ("Login", "Key", "State", "DN"), rows)]


def _entry_state(entry: DirectoryEntry) -> str:
    words = [
        "enabled" if entry.enabled else "disabled",
        "locked" * entry.locked,
        "password expired" * entry.password_expired,
        "deleted" * entry.deleted,
    ]
    return ", ".join(word for word in words if word)


def _decision(said: Explanation) -> list[Line | Table]:
    parts: list[Line | Table] = []
    if said.change is not None:
        mark = MARKS[said.change.action]
        parts.append(
            Line(
                f"\nA sync now: {mark} {said.change.action} {said.change.username}: {what(said.change)}", Tone.STRONG
            )
        )
        parts.append(Line(f"  because: {why(said.change)}"))
    for skip in said.skips:
        parts.append(Line(f"\nA sync now: no account ({skip.reason}): {skip.detail}", Tone.WARN))
        parts.append(Line(f"  {skip.suggestion}" if skip.suggestion else ""))
    for found in said.findings:
        parts.append(Line(f"  ! {found.code}: {found.detail}", Tone.WARN))
        parts.append(Line(f"    {found.suggestion}" if found.suggestion else ""))
    if not parts:
        parts.append(Line("\nA sync now: nothing to do."))
    return [part for part in parts if not isinstance(part, Line) or part.text]


def _history(said: Explanation) -> list[Line | Table]:
    if not said.history:
        return [Line("\nHistory: no run changed this account.")]
    rows = [(str(one.run), str(one.change.action), what(one.change), why(one.change)) for one in said.history]
    return [Table("History", ("Run", "Change", "What", "Why"), rows)]
