"""A Plan as JSON: what people and programs read, signed so that what is applied is what was reviewed."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from connector.domain.account import Account, Grant, UserType, export
from connector.domain.errors import PlanError
from connector.domain.finding import Finding, Severity
from connector.domain.plan import Action, Change, Counts, GuardLine, Plan, ReadRecord, Skip

PLAN_VERSION = 1
_KEPT = ("id", "version", "archived_by", "disabled_by", "email_by", "claimed", "stable_id")


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON values, in the order people read them; `fingerprint` as the plan has it."""
    counts = asdict(plan.counts)
    if not counts["remove"]:
        del counts["remove"]
    body: dict[str, Any] = {
        "plan_version": PLAN_VERSION,
        "kind": plan.kind,
        "created_at": plan.created_at.isoformat(),
        "fingerprint": plan.fingerprint,
        "inputs": plan.inputs,
        "counts": counts,
        "changes": [_change_to_json(change) for change in plan.changes],
        "guard": [line._asdict() for line in plan.guard],
        "skips": [skip._asdict() for skip in plan.skips],
        "findings": [finding_to_json(found) for found in plan.findings],
    }
    if plan.read is not None:
        body["read"] = asdict(plan.read)
    if plan.undoes is not None:
        body["undoes"] = plan.undoes
    return body


def finding_to_json(found: Finding) -> dict[str, Any]:
    """A finding with null for what does not apply; `confidence` only where it is a guess."""
    body = found._asdict()
    del body["reason"]
    if found.confidence is None:
        del body["confidence"]
    return body


def fingerprinted(plan: Plan) -> Plan:
    """The plan with its fingerprint: SHA-256 over everything it says, created_at included."""
    return replace(plan, fingerprint=_digest(plan_to_json(plan)))


def seal(plan: Plan, key: bytes) -> str:
    """The text of a plan file, signed with HMAC-SHA-256; `plan` must carry its fingerprint."""
    body = plan_to_json(plan)
    body["signature"] = _signature(plan.fingerprint, key)
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def unseal(text: str, key: bytes, name: str) -> Plan:
    """The plan in a plan file. Raises PlanError, naming the file, when it is not exactly what was sealed."""
    try:
        body = json.loads(text)
    except ValueError as error:
        raise _broken(name, f"it is not JSON ({error})") from error
    if not isinstance(body, dict) or body.get("plan_version") != PLAN_VERSION:
        raise _broken(name, "it is not a plan of this version")
    signature = body.pop("signature", None)
    fingerprint = body.get("fingerprint")
    if not isinstance(signature, str) or not isinstance(fingerprint, str):
        raise _broken(name, "its signature is missing")
    if not hmac.compare_digest(signature.encode(), _signature(fingerprint, key).encode()):
        raise _broken(name, "its signature does not fit this store's key: it was made for another store, or changed")
    if _digest(body) != fingerprint:
        raise _broken(name, "its content was changed after it was made")
    return _plan_from_json(body)


def _broken(name: str, why: str) -> PlanError:
    return PlanError(f"{name}: the plan cannot be applied: {why}", hint="Make it again: trackone plan -o plan.json")


def _digest(body: Mapping[str, Any]) -> str:
    said = {key: value for key, value in body.items() if key != "fingerprint"}
    text = json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _signature(fingerprint: str, key: bytes) -> str:
    return hmac.new(key, fingerprint.encode(), hashlib.sha256).hexdigest()


def _change_to_json(change: Change) -> dict[str, Any]:
    return {
        "action": str(change.action),
        "sis_code": change.sis_code,
        "username": change.username,
        "before": None if change.before is None else export(change.before),
        "after": None if change.after is None else export(change.after),
        "changed": list(change.changed),
        "reasons": list(change.reasons),
        "kept": {
            "before": None if change.before is None else _kept(change.before),
            "after": None if change.after is None else _kept(change.after),
        },
    }


def _kept(account: Account) -> dict[str, Any]:
    """What the connector keeps beside the exported columns; with them it makes the account whole again."""
    body: dict[str, Any] = {key: getattr(account, key) for key in _KEPT}
    body["grants"] = [list(grant) for grant in account.grants]
    body["denies"] = [list(deny) for deny in account.denies]
    body["last_sign_in"] = account.last_sign_in.isoformat() if account.last_sign_in else None
    return body


def _plan_from_json(body: Mapping[str, Any]) -> Plan:
    read = body.get("read")
    return Plan(
        created_at=datetime.fromisoformat(body["created_at"]),
        changes=tuple(_change_from_json(change) for change in body["changes"]),
        skips=tuple(Skip(**skip) for skip in body["skips"]),
        findings=tuple(Finding(**{**found, "severity": Severity(found["severity"])}) for found in body["findings"]),
        guard=tuple(GuardLine(**line) for line in body["guard"]),
        counts=Counts(**body["counts"]),
        inputs=body["inputs"],
        fingerprint=body["fingerprint"],
        kind=body["kind"],
        read=None if read is None else _read_from_json(read),
        undoes=body.get("undoes"),
    )


def _read_from_json(body: Mapping[str, Any]) -> ReadRecord:
    codes = {key: tuple(body[key]) for key in ("active", "missing")}
    return ReadRecord(
        **{**body, **codes, "linked": tuple((code, stable_id) for code, stable_id in body.get("linked", ()))}
    )


def _change_from_json(body: Mapping[str, Any]) -> Change:
    kept = body["kept"]
    return Change(
        Action(body["action"]),
        _account_from_json(body["before"], kept["before"]),
        _account_from_json(body["after"], kept["after"]),
        tuple(body["changed"]),
        tuple(body["reasons"]),
    )


def _account_from_json(shown: Mapping[str, Any] | None, kept: Mapping[str, Any] | None) -> Account | None:
    if shown is None or kept is None:
        return None
    values = {key: value for key, value in shown.items() if key != "external_id"}
    values["user_type"] = UserType(shown["user_type"])
    values["roles"] = tuple(shown["roles"])
    values["external_ids"] = tuple(sorted(shown["external_ids"].items()))
    values.update({key: kept[key] for key in _KEPT})
    values["grants"] = tuple(Grant(*grant) for grant in kept["grants"])
    values["denies"] = tuple(Grant(*deny) for deny in kept["denies"])
    values["last_sign_in"] = datetime.fromisoformat(kept["last_sign_in"]) if kept["last_sign_in"] else None
    return Account(**values)
