"""The doctor with endpoints in memory: what it says of them, and that it clears up."""

import json

import pytest

from connector.doctor.conversation import NAMES, Conversation, Step, conversation
from connector.doctor.examine import examine, require_welcome
from connector.doctor.expect import PRESENT, Reply
from connector.domain.doctor import Verdict
from connector.domain.errors import OperationError
from connector.report.doctor import check_line, checks_json, healthy, verdict_line


class Scripted:
    """An endpoint that answers by a function and remembers what it was asked."""

    def __init__(self, answer):
        """Answer so."""
        self.answer = answer
        self.asked = []

    def ask(self, method, path, body, headers, *, anonymous=False):  # noqa: ARG002 - the port's signature
        """The next answer."""
        self.asked.append((method, path))
        return self.answer(method, path)


def step(request, **more):
    """A step."""
    method, path = request.split(" ")
    return Step("do", "somebody", method, path, **more)


def played(answer, *steps):
    """The endpoint and the checks."""
    endpoint = Scripted(answer)
    return endpoint, list(examine(endpoint, [Conversation("talk", "", steps)], "run1", "token1"))


MAKE = step("POST /Users", body='{"userName": "{run}"}', statuses=(201,), keeps={"one": "id"})


def test_what_an_earlier_step_kept_is_used_and_what_was_made_is_removed() -> None:
    """The id goes into the next address; in the end the user is deleted."""
    endpoint, checks = played(lambda method, _path: Reply(201 if method == "POST" else 204, {"id": "9"}, {}), MAKE)
    assert [one.verdict for one in checks] == [Verdict.GOOD]
    assert endpoint.asked == [("POST", "/Users"), ("DELETE", "/Users/9")]


def test_what_stands_on_a_failed_step_is_not_tried() -> None:
    """Without the id the second step is skipped, and both mean that the endpoint is not well."""
    endpoint, checks = played(lambda *_: Reply(500, None, {}), MAKE, step("GET /Users/{one}"))
    assert [one.verdict for one in checks] == [Verdict.FAIL, Verdict.SKIP]
    assert endpoint.asked == [("POST", "/Users")]
    assert not healthy(checks)


def test_a_step_that_is_only_good_to_have_is_a_warning() -> None:
    """It is told and does not make the endpoint ill."""
    _, checks = played(lambda *_: Reply(404, None, {}), step("GET /x", must=False))
    assert [one.verdict for one in checks] == [Verdict.WARN]
    assert healthy(checks)


def test_what_cannot_be_removed_is_named() -> None:
    """A last line says what is left behind."""
    _, checks = played(
        lambda method, _path: Reply(201 if method == "POST" else 405, {"id": "9", "userName": "amelia"}, {}), MAKE
    )
    assert checks[-1].came == "left behind: amelia"


def test_what_was_made_is_removed_when_the_examination_is_broken_off() -> None:
    """An endpoint that falls silent is asked once more to delete."""

    def answer(method, _path):
        if method == "GET":
            raise OperationError("gone")
        return Reply(201 if method == "POST" else 204, {"id": "9"}, {})

    endpoint = Scripted(answer)
    with pytest.raises(OperationError):
        list(examine(endpoint, [Conversation("talk", "", (MAKE, step("GET /Users")))], "run1", "token1"))
    assert endpoint.asked[-1] == ("DELETE", "/Users/9")


@pytest.mark.parametrize(("status", "said"), [(401, "the token is refused"), (404, "there are no users there")])
def test_a_wrong_token_or_address_is_said_once(status, said) -> None:
    """Instead of by every step, with the endpoint's own words."""
    with pytest.raises(OperationError, match=said) as refused:
        require_welcome(Scripted(lambda *_: Reply(status, {"detail": "no entry"}, {})), "https://x.example")
    assert f"({status}: no entry)\n" in str(refused.value)


@pytest.mark.parametrize("status", [200, 400, 403, 429, 500, 501])
def test_whatever_else_an_endpoint_answers_is_examined(status) -> None:
    """What it does wrong is told by the steps."""
    endpoint = Scripted(lambda *_: Reply(status, None, {}))
    require_welcome(endpoint, "https://x.example")
    assert endpoint.asked == [("GET", "/Users?count=1")]


@pytest.mark.parametrize("name", NAMES)
def test_every_conversation_can_be_played(name) -> None:
    """Bodies are JSON, every step names its source, what is used was kept before, no step repeats a kept name."""
    kept = {"run", "token"}
    talk = conversation(name)
    names = {key for one in talk.steps for key in one.keeps} | kept
    assert len(talk.steps) >= 10
    for one in talk.steps:
        assert one.source
        assert one.method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        assert one.needs() & names <= kept, one.does
        assert not set(one.keeps) & kept, one.does
        kept |= set(one.keeps)
        if one.body:
            json.loads(one.body)
        counted = {expected for place, expected in one.expects.items() if place.endswith("#") and expected == PRESENT}
        assert not counted, "how many there are is always there"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "reply", [Reply(200, {}, {}), Reply(500, None, {}), Reply(200, [], {}), Reply(200, None, {}), Reply(204, "x", {})]
)
def test_an_endpoint_that_always_says_the_same_is_not_well(name, reply) -> None:
    """No single answer passes for an endpoint, and none makes the doctor fail itself."""
    checks = list(examine(Scripted(lambda *_: reply), [conversation(name)], "run1", "token1"))
    assert len(checks) >= len(conversation(name).steps)
    assert sum(one.verdict is Verdict.GOOD for one in checks) < len(checks) / 2
    assert not healthy(checks)


def test_the_lines_say_what_was_expected_and_what_came() -> None:
    """A good step takes one line, another says expected, came and source; signs of control are not passed on."""
    _, [good] = played(lambda *_: Reply(200, {}, {}), step("GET /x"))
    _, [bad] = played(lambda *_: Reply(404, {"detail": "no \x1b[2J"}, {}), step("GET /x"))
    assert check_line(good) == "pass  talk: do"
    told = check_line(bad)
    assert "expected status 200" in told
    assert "source   somebody" in told
    assert "\x1b" not in told
    assert verdict_line([good, bad]) == "2 checks: 1 passed, 1 failed."
    assert [one["verdict"] for one in checks_json([good, bad])] == ["pass", "fail"]
