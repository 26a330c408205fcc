"""Do what a preview showed, its options kept in the mapping file as part of the same step."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from connector.domain.errors import ConnectorError, PlanError
from connector.domain.plan import Plan
from connector.domain.ports import Progress
from connector.services.apply import Applied, apply_plan
from connector.services.parts import Parts
from connector.settings.mapping_edit import Written, put_back, write_mapping
from connector.settings.toml_edit import Edit


class Site(NamedTuple):
    """What a mapping file is checked with: the school's state, and the roles its site knows."""

    state: str
    known_roles: Collection[str]


def synchronise(
    parts: Parts,
    plan: Plan,
    edit: Edit,
    site: Site,
    origin: str,
    actor: str,
    *,
    accept: Collection[str],
    command: str,
    progress: Progress,
) -> Applied:
    """Apply the plan; what the edit says is in the mapping file afterwards, or nothing was done at all.

    `parts` work by the rules with the edit made. Raises PlanError when the mapping file would now say something else
    than the plan was made with, and what apply_plan and write_mapping raise.
    """
    if not edit.sections:
        _require_rules(plan, parts.rules.fingerprint)
        return apply_plan(parts, plan, origin, actor, accept=accept, command=command, progress=progress)
    path = Path(parts.rules.path)
    written = write_mapping(path, edit, parts.clock(), state=site.state, known_roles=site.known_roles)
    try:
        _require_rules(plan, written.rules.fingerprint)
        return apply_plan(parts, plan, origin, actor, accept=accept, command=command, progress=progress)
    except BaseException:
        _undo(path, written)
        raise


def _require_rules(plan: Plan, fingerprint: str) -> None:
    if plan.read is not None and plan.read.mapping != fingerprint:
        raise PlanError(
            "The mapping file was changed since this preview was made; nothing was written",
            hint="Make the preview again.",
        )


def _undo(path: Path, written: Written) -> None:
    try:
        put_back(path, written)
    except ConnectorError as error:
        raise PlanError(f"Nothing was applied, but {path} holds the new options already: {error.message}") from None
