"""Names that were given up long enough ago to go to somebody else, where the school allows that at all."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta

from connector.domain.account import Holder
from connector.domain.plan import Action, Change
from connector.domain.ports import RunWriter
from connector.domain.ruleset import UsernameRules
from connector.mapping.keys import fold_key

LookUp = Callable[[Collection[str]], Mapping[str, Holder]]


def without_expired(look_up: LookUp, rules: UsernameRules, now: datetime) -> LookUp:
    """The same look-up, to which a former name is free once `reuse_after_days` have gone by since it was given up.

    An archived account keeps its name: who returns gets it again.
    """
    if rules.reuse_after_days < 0:
        return look_up

    def held(keys: Collection[str]) -> Mapping[str, Holder]:
        return {key: holder for key, holder in look_up(keys).items() if not _expired(holder, rules, now)}

    return held


def end_expired(writer: RunWriter, changes: Iterable[Change], rules: UsernameRules, now: datetime) -> None:
    """End the reservations of expired names that these changes give to others."""
    if rules.reuse_after_days < 0:
        return
    wanted = {
        fold_key(change.username): change for change in changes if change.action in (Action.CREATE, Action.RENAME)
    }
    for key, holder in writer.holders(list(wanted)).items():
        before = wanted[key].before
        if _expired(holder, rules, now) and (before is None or before.id != holder.account_id):
            writer.free_name(key)


def _expired(holder: Holder, rules: UsernameRules, now: datetime) -> bool:
    given_up = holder.since if holder.retired else None
    return given_up is not None and given_up + timedelta(days=rules.reuse_after_days) <= now
