"""Plays conversations with an endpoint, and removes what they made there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from connector.doctor.conversation import Conversation, Step, filled
from connector.doctor.expect import Difference, Reply, differences, found, shown
from connector.domain.doctor import Check, Verdict
from connector.domain.errors import OperationError


class Endpoint(Protocol):
    """Somebody's SCIM endpoint."""

    def ask(self, method: str, path: str, body: str, headers: Mapping[str, str], *, anonymous: bool = False) -> Reply:
        """The answer to one request, with our token unless `anonymous`. Raises OperationError where there is none."""


class _Made(NamedTuple):
    path: str
    name: str


def require_welcome(endpoint: Endpoint, url: str) -> None:
    """Ask for one user, so that a wrong token or address is said once and not by every step that stands on it.

    Raises OperationError that names the address where there is no SCIM, or the token does not open it.
    """
    reply = endpoint.ask("GET", "/Users?count=1", "", {})
    detail = found(reply, "detail")
    words = f"{reply.status}{f': {shown(detail)}' if detail else ''}"
    if reply.status == 401:
        raise OperationError(
            f"{url}: the token is refused ({words})",
            hint="Give one that is live and may write; trackone token create NAME makes one for TrackOne.",
        )
    if reply.status == 404:
        raise OperationError(
            f"{url}: there are no users there ({words})",
            hint="Give the base address without /Users, e.g. https://HOST/scim/v2",
        )


def examine(endpoint: Endpoint, conversations: Sequence[Conversation], run: str, token: str) -> Iterator[Check]:
    """The steps one after the other, then the clearing up. `run` is a word that makes names new, `token` lets in.

    Raises OperationError when the endpoint cannot be reached, after what was made is removed where it can be.
    """
    made: list[_Made] = []
    try:
        for one in conversations:
            yield from _play(endpoint, one, {"run": f"{run}-{one.name}", "token": token}, made)
    finally:
        left = _clear(endpoint, made)
    if left:
        words = ", ".join(left)
        yield Check(
            "clearing up", "Remove what was made", Verdict.WARN, "DELETE answers 204", f"left behind: {words}"
        )


def _play(
    endpoint: Endpoint, conversation: Conversation, given: Mapping[str, str], made: list[_Made]
) -> Iterator[Check]:
    known = dict(given)
    names = {name for step in conversation.steps for name in step.keeps}
    for step in conversation.steps:
        missing = (step.needs() & names) - known.keys()
        if missing:
            words = f"an earlier step gave no {', '.join(sorted(missing))}"
            yield Check(conversation.name, step.does, Verdict.SKIP, "", words, step.source)
            continue
        reply = _asked(endpoint, step, known)
        _note(step, reply, made)
        wrong = list(differences(reply, step.statuses, filled(step.expects, known)))
        known |= _kept(step, reply)
        yield _check(conversation.name, step, wrong)


def _asked(endpoint: Endpoint, step: Step, known: Mapping[str, str]) -> Reply:
    headers = filled(step.headers, known)
    if step.body:
        headers = {"Content-Type": step.media_type, **headers}
    path, body = filled(step.path, known), filled(step.body, known)
    return endpoint.ask(step.method, path, body, headers, anonymous=step.anonymous)


def _kept(step: Step, reply: Reply) -> dict[str, str]:
    values = {name: found(reply, place) for name, place in step.keeps.items()}
    return {name: value for name, value in values.items() if isinstance(value, str) and value}


def _note(step: Step, reply: Reply, made: list[_Made]) -> None:
    """Remember what is to be removed in the end."""
    own_id = found(reply, "id")
    if (
        step.method == "POST"
        and step.path in ("/Users", "/Groups")
        and reply.status < 300
        and isinstance(own_id, str)
    ):
        named = found(reply, "userName") or found(reply, "displayName") or own_id
        made.append(_Made(f"{step.path}/{own_id}", str(named)))


def _clear(endpoint: Endpoint, made: Sequence[_Made]) -> list[str]:
    """Remove what was made, the newest first; the names of what is still there."""
    left = []
    for one in reversed(made):
        reply = endpoint.ask("DELETE", one.path, "", {})
        if reply.status not in (200, 202, 204, 404):
            left.append(one.name)
    return left


def _check(conversation: str, step: Step, wrong: Sequence[Difference]) -> Check:
    if not wrong:
        return Check(conversation, step.does, Verdict.GOOD, source=step.source)
    verdict = Verdict.FAIL if step.must else Verdict.WARN
    expected, came = "; ".join(one.expected for one in wrong), "; ".join(one.came for one in wrong)
    return Check(conversation, step.does, verdict, expected, came, step.source)
