"""What happens when the service of a store elsewhere does not keep up, loses answers, or does not tell the truth."""

import json
import time

import pytest

from connector.domain.errors import ConfigError, StoreError
from tests.servers.silent import DRIPS, ELSEWHERE, POURS, Listener
from tests.store.elsewhere import HASTY, Behind
from tests.store.people import archive, by_name, create, remove, rename, run, student, update

PEOPLE = [student(f"user{n}", f"S{n:03}", family_name=f"Family{n}") for n in range(12)]
BULK = pytest.mark.parametrize("behind", ["bulk"], indirect=True)
SINGLY = pytest.mark.parametrize("behind", ["singly"], indirect=True)


def once(at: int, fault):
    """One request only goes wrong."""
    return lambda number, _method: fault if number == at else ""


def whole_story(behind: Behind) -> None:
    """Three are made; then one is archived, one gets another name, one is removed: each in a process of its own."""
    run(behind.opened(), *map(create, PEOPLE[:4]))
    known = by_name(behind.opened())
    changes = [archive(known["user0"]), rename(known["user1"], "renamed"), remove(known["user3"])]
    run(behind.opened(), *changes)


def as_told(behind: Behind) -> bool:
    """Whether the service holds what the whole story leads to, each person once."""
    users = behind.there.users()
    told = {name: (user["externalId"], user["active"]) for name, user in users.items()}
    return told == {"renamed": ("S001", True), "user0": ("S000", False), "user2": ("S002", True)}


FAULTS = ["drop", "lose", "half", "500", "502", "429 0"]
EVERY = [(at, fault) for at in range(1, 17) for fault in FAULTS]
SOME = [(at, FAULTS[at % len(FAULTS)]) for at in range(1, 17)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "fault"),
    [one if one in SOME else pytest.param(*one, marks=pytest.mark.long) for one in EVERY],
)
def test_a_fault_at_every_request(behind, at, fault):
    """Whichever request fails once, in the end every account is there exactly once and equal to what was decided."""
    behind.relay.mood = once(at, fault)
    whole_story(behind)
    assert as_told(behind)


@SINGLY
@pytest.mark.parametrize("at", range(4, 16, 2))
def test_an_outage_in_the_middle_is_gone_on_from(behind, at):
    """When the service goes away in a run it has no end; the next one does the rest, and nobody is made twice."""
    behind.relay.mood = lambda number, _method: "503" if number >= at else ""
    with pytest.raises(StoreError, match="it answers 503, tried 3 times"):
        run(behind.opened(), *map(create, PEOPLE))
    assert len(behind.there.users()) < len(PEOPLE)
    assert [one.finished_at for one in behind.opened().runs()] == [None]
    behind.relay.mood = lambda _number, _method: ""
    wanted = {one.username: one.sis_code for one in PEOPLE}
    assert {name: one.sis_code for name, one in by_name(behind.opened()).items()} == wanted
    assert {name: user["externalId"] for name, user in behind.there.users().items()} == wanted
    assert [(one.command, one.finished_at is None) for one in behind.opened().runs()] == [("sync", False)]


@SINGLY
def test_after_an_outage_nothing_more_is_asked(behind):
    """Once the service is given up the command asks it nothing more."""
    store = behind.opened()
    by_name(store)
    behind.relay.mood = lambda _number, _method: "503"
    behind.relay.asked.clear()
    for _ in range(3):
        with pytest.raises(StoreError, match="it answers 503"):
            run(store, create(PEOPLE[0]))
    assert len(behind.relay.asked) == 3


class Told:
    """A mood for the next request of a method (and path), whatever its number."""

    def __init__(self, behind: Behind, method: str, fault, *, part: str = "Users", times: int = 1) -> None:
        self.behind, self.method, self.fault, self.part, self.times = behind, method, fault, part, times

    def __call__(self, _number: int, method: str):
        """The fault, so many times."""
        if method != self.method or self.part not in self.behind.relay.asked[-1][1] or not self.times:
            return ""
        self.times -= 1
        return self.fault


@BULK
def test_bulk_is_used_where_it_is_announced(behind):
    """Many changes go in few requests."""
    store = behind.opened()
    run(store, *map(create, PEOPLE))
    run(store, *(archive(one) for one in by_name(store).values()))
    assert not any(user["active"] for user in behind.there.users().values())
    asked = [path.rpartition("/")[2] for method, path in behind.relay.asked if method != "GET"]
    assert set(asked) == {"Bulk"}
    assert len(asked) == 2


@SINGLY
def test_several_requests_are_on_their_way_at_once(behind):
    """Without bulk the changes go singly, no more than four at a time."""
    people = [student(f"many{n}", f"M{n:03}") for n in range(60)]
    run(behind.opened(), *map(create, people))
    assert {user["externalId"] for user in behind.there.users().values()} == {one.sis_code for one in people}
    assert sum(method == "POST" for method, _ in behind.relay.asked) == 60
    assert 1 < behind.relay.most_going <= 4


@BULK
@pytest.mark.parametrize("status", ["400", "403", "413", "500", "501", "504"])
def test_a_bulk_that_is_refused_goes_singly(behind, status):
    """A service that announces bulk and then will not have it gets each change by itself."""
    behind.relay.mood = Told(behind, "POST", status, part="Bulk", times=99)
    whole_story(behind)
    assert as_told(behind)


@BULK
@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told | {"Operations": told["Operations"][:1]},
        lambda told: told | {"Operations": list(reversed(told["Operations"]))},
        lambda told: told | {"Operations": [told["Operations"][0]] * len(told["Operations"])},
        lambda told: {"schemas": told["schemas"]},
        lambda told: told | {"Operations": [one | {"location": "x/Users/nobody"} for one in told["Operations"]]},
        lambda told: told | {"Operations": [one | {"status": "429"} for one in told["Operations"]]},
        lambda told: told | {"Operations": [one | {"status": {"code": 201}} for one in told["Operations"]]},
        lambda _told: ["no", "bulk"],
        lambda _told: None,
    ],
    ids=["half", "reversed", "one for all", "nothing", "one user", "not done", "old form", "no object", "empty"],
)
def test_a_bulk_is_believed_only_as_far_as_it_fits(behind, spoil):
    """What the answer to a bulk leaves out, or says of the wrong user, is looked for and not made twice."""
    behind.relay.mood = Told(behind, "POST", spoil, part="Bulk", times=2)
    whole_story(behind)
    assert as_told(behind)


@pytest.mark.parametrize("retry_after", ["1", "0", "", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"])
def test_a_service_that_asks_for_patience_gets_it(behind, retry_after):
    """429 is answered by waiting as long as it asks, in every lane; then everything is done."""
    store = behind.opened()
    by_name(store)
    told: list[float] = []

    def mood(_number, method):
        told.append(time.monotonic())
        return f"429 {retry_after}" if method == "POST" and len(told) == 1 else ""

    behind.relay.mood = mood
    run(store, *map(create, PEOPLE))
    assert len(behind.there.users()) == len(PEOPLE)
    if retry_after == "1":
        late = [one - told[0] for one in told if one - told[0] > 0.2]  # those already on their way do not count
        assert min(late) > 0.9


@SINGLY
def test_a_service_that_asks_for_hours_is_left_alone(behind):
    """Who asks for more than two minutes is not waited for."""
    store = behind.opened()
    by_name(store)
    behind.relay.mood = lambda _number, _method: "429 7200"
    with pytest.raises(StoreError, match="it answers 429, tried once"):
        run(store, create(PEOPLE[0]))


def test_an_answer_that_comes_too_late(behind):
    """When nobody waits any more for the answer to a change that was done, nothing is done twice."""
    behind.there = behind.there._replace(patience=HASTY._replace(read=0.4))
    behind.relay.late = 0.8
    for method in ("POST", "PATCH", "DELETE"):
        behind.relay.mood = Told(behind, method, "late", part="")
        if method == "POST":
            run(behind.opened(), *map(create, PEOPLE[:4]))
        known = by_name(behind.opened())
        if method == "PATCH":
            run(behind.opened(), archive(known["user0"]))
            run(behind.opened(), rename(known["user1"], "renamed"))
        if method == "DELETE":
            run(behind.opened(), remove(known["user3"]))
    assert as_told(behind)


@pytest.mark.parametrize("fault", ["500", "409"])
def test_one_user_that_always_fails_holds_nobody_up(behind, fault):
    """What the service never manages for one user is told, taken back, and everybody else is done."""
    run(behind.opened(), create(PEOPLE[0]))
    user_id = behind.there.users()["user0"]["id"]

    def mood(_number, method):
        path = behind.relay.asked[-1][1]
        concerned = path.endswith("Bulk") if method == "POST" else method == "PATCH" and user_id in path
        return fault if concerned else ""

    behind.relay.mood = mood
    store = behind.opened()
    account = by_name(store)["user0"]
    with pytest.raises(StoreError, match=f"refused 1 of the changes of run 2, the first: S000: .*{fault}"):
        run(store, update(account, email="a@b.edu"), *map(create, PEOPLE[1:]))
    assert len(behind.there.users()) == len(PEOPLE)
    assert by_name(store)["user0"].email == ""


@SINGLY
def test_a_service_that_fails_at_everything_is_given_up(behind):
    """500 to whatever is asked ends the run soon, and the next one does the rest."""
    store = behind.opened()
    by_name(store)
    behind.relay.mood = lambda _number, _method: "500"
    behind.relay.asked.clear()
    with pytest.raises(StoreError, match="it answers 500"):
        run(store, *map(create, PEOPLE))
    assert len(behind.relay.asked) < 20
    behind.relay.mood = lambda _number, _method: ""
    assert sorted(by_name(behind.opened())) == sorted(one.username for one in PEOPLE)
    assert len(behind.there.users()) == len(PEOPLE)


OTHER = {"schemas": [], "id": "nobody", "userName": "somebody.else", "active": True}


@SINGLY
def test_a_creation_answered_with_another_user(behind):
    """A service that answers a creation with somebody else is asked who was made."""
    behind.relay.mood = Told(behind, "POST", lambda _told: OTHER)
    whole_story(behind)
    assert as_told(behind)


@pytest.mark.parametrize("behind", ["singly", "bulk"], indirect=True)
def test_a_look_up_that_finds_everybody(behind):
    """A service that does not filter is not believed: nobody is taken for the user that was looked for."""
    run(behind.opened(), *map(create, PEOPLE[:3]))
    lost = Told(behind, "POST", "lose", part="", times=1)

    def mood(number, method):
        users = [*behind.there.users().values()]
        told = {"totalResults": len(users), "Resources": users}
        return (lambda _told: told) if "filter=" in behind.relay.asked[-1][1] else lost(number, method)

    behind.relay.mood = mood
    run(behind.opened(), *map(create, PEOPLE[3:6]))
    users = behind.there.users()
    assert {name: user["externalId"] for name, user in users.items()} == {
        one.username: one.sis_code for one in PEOPLE[:6]
    }


@SINGLY
def test_a_change_answered_with_another_user(behind):
    """A service that answers a change with somebody else is asked again; if it goes on, nothing more is done."""
    run(behind.opened(), *map(create, PEOPLE[:2]))
    account = by_name(behind.opened())["user0"]
    behind.relay.mood = Told(behind, "PATCH", lambda _told: OTHER)
    run(behind.opened(), update(account, email="a@b.edu"))
    store = behind.opened()
    account = by_name(store)["user0"]
    behind.relay.mood = lambda _number, _method: lambda _told: OTHER
    with pytest.raises(StoreError, match="another user than the one it was asked for"):
        run(store, update(account, email="c@d.edu"))
    behind.relay.mood = lambda _number, _method: ""
    assert by_name(behind.opened())["user0"].email == "c@d.edu"


def test_what_the_service_keeps_otherwise_is_told(behind):
    """A service that says yes and keeps another value is not believed: the change is named, and taken back here."""
    behind.relay.mood = Told(behind, "POST", "400", part="Bulk", times=99)
    run(behind.opened(), *map(create, PEOPLE[:2]))
    store = behind.opened()
    account = by_name(store)["user0"]
    kept = behind.there.users()["user0"] | {"emails": [{"value": "own@b.edu"}]}
    behind.relay.mood = Told(behind, "PATCH", lambda _told: kept)
    with pytest.raises(
        StoreError, match=r"refused 1 of the changes of run 2, the first: S000: it keeps its own emails"
    ):
        run(store, update(account, email="a@b.edu"))
    assert by_name(store)["user0"].email == "own@b.edu"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _told: {"hello": "world"}, "answers with no list of users"),
        (lambda _told: ["a", "list"], "what it answers is no JSON"),
        (lambda _told: {"totalResults": "many", "Resources": []}, "answers with no list of users"),
        (lambda _told: {"totalResults": 1, "Resources": ["x"]}, "answers with no list of users"),
        (lambda told: told | {"Resources": [{"id": "1"}] * 4}, "answers with no list of users"),
        (lambda told: told | {"totalResults": 7}, "4 of 7 users came, then others twice or none"),
        (lambda told: told | {"Resources": told["Resources"][:1] * 4}, "0 of 4 users came, then others twice"),
        ("302", "302, it is somewhere else"),
        ("404", "does not show its users: 404"),
        ("403", "does not show its users: 403"),
    ],
    ids=[
        "no list",
        "no object",
        "no number",
        "no users",
        "no names",
        "too few",
        "twice",
        "moved",
        "not found",
        "forbidden",
    ],
)
@SINGLY
def test_a_look_that_cannot_be_true(behind, answer, words):
    """An answer that is no list of all users is an outage with a next step: nobody is taken for gone."""
    run(behind.opened(), *map(create, PEOPLE[:4]))
    behind.relay.mood = lambda _number, _method: answer if "Users" in behind.relay.asked[-1][1] else ""
    with pytest.raises(StoreError, match=words) as told:
        by_name(behind.opened())
    assert told.value.hint
    behind.relay.mood = lambda _number, _method: ""
    assert len(behind.opened().runs()) == 1


@SINGLY
@pytest.mark.parametrize(
    "announced", [{}, {"bulk": {"supported": True}}, {"bulk": "yes", "filter": []}, {"bulk": None}]
)
def test_what_is_announced_badly_is_not_used(behind, announced):
    """A service that says nothing sensible of itself is asked for the least."""
    behind.relay.mood = lambda number, _method: (
        (lambda _told: announced) if "Config" in behind.relay.asked[number - 1][1] else ""
    )
    whole_story(behind)
    assert as_told(behind)
    assert not [path for _, path in behind.relay.asked if path.endswith("Bulk")]


@SINGLY
@pytest.mark.parametrize("fault", ["404", "501", "500"])
def test_a_service_without_announcements(behind, fault):
    """A service that announces nothing at all is asked for the least."""
    behind.relay.mood = lambda number, _method: fault if "Config" in behind.relay.asked[number - 1][1] else ""
    whole_story(behind)
    assert as_told(behind)


@BULK
@pytest.mark.parametrize(("limits", "most"), [({"maxOperations": 2}, 2), ({"maxPayloadSize": 900}, 3)])
def test_a_bulk_keeps_to_the_limits(behind, limits, most):
    """No bulk has more operations or bytes than the service takes."""
    sizes: list[int] = []
    behind.relay.heard = lambda body: sizes.append(len(json.loads(body).get("Operations", ())) if body else 0)
    behind.relay.mood = lambda number, _method: (
        (lambda told: told | {"bulk": told["bulk"] | limits}) if "Config" in behind.relay.asked[number - 1][1] else ""
    )
    run(behind.opened(), *map(create, PEOPLE))
    assert len(behind.there.users()) == len(PEOPLE)
    assert max(sizes) <= most


@SINGLY
def test_a_refusal_before_an_outage_is_not_forgotten(behind):
    """Who was refused in a run that then broke off is not taken for removed by somebody: the next run tries again."""
    store = behind.opened()
    by_name(store)
    behind.there.post("user0")
    behind.relay.mood = lambda _number, _method: "503" if len(behind.there.users()) > 6 else ""
    with pytest.raises(StoreError, match="it answers 503"):
        run(store, *map(create, PEOPLE))
    behind.relay.mood = lambda _number, _method: ""
    behind.there.delete("user0")
    found = by_name(behind.opened())
    assert sorted(found) == sorted(one.username for one in PEOPLE)
    assert not any(one.archived for one in found.values())


@pytest.mark.parametrize("answer", [*DRIPS.values(), *POURS.values()], ids=[*DRIPS, *POURS])
def test_a_service_whose_answers_do_not_end_is_an_outage(elsewhere, clock, answer):
    """However a service drips or pours, each try has an end, and so has the run."""
    patience = HASTY._replace(read=0.3, octets=1 << 20)
    begun = time.monotonic()
    with Listener(answer) as server, pytest.raises(StoreError, match=r"its answer is .*, tried 3 times"):
        by_name(elsewhere._replace(service=f"http://127.0.0.1:{server.port}", patience=patience).opened(clock))
    assert time.monotonic() - begun < 5


def test_a_redirect_without_end_is_not_read(elsewhere, clock):
    """A service that is somewhere else is told at once, whatever its redirect holds."""
    with Listener(ELSEWHERE) as server, pytest.raises(StoreError, match="302, it is somewhere else"):
        by_name(elsewhere._replace(service=f"http://127.0.0.1:{server.port}").opened(clock))


@SINGLY
def test_a_service_that_is_silent_at_every_change_is_given_up(behind):
    """Who shows its users and never answers a change holds a run for some tries, not for each user's."""
    store = behind.opened()
    by_name(store)
    behind.relay.asked.clear()
    people = [student(f"many{n}", f"M{n:03}") for n in range(60)]
    behind.relay.mood = lambda _number, method: "drop" if method == "POST" else ""
    with pytest.raises(StoreError, match="again and again"):
        run(store, *map(create, people))
    assert sum(method == "POST" for method, _ in behind.relay.asked) < 24
    behind.relay.mood = lambda _number, _method: ""
    assert sorted(by_name(behind.opened())) == sorted(one.username for one in people)
    assert len(behind.there.users()) == len(people)


@pytest.mark.parametrize("token", ["t\u00f6ken", "two words", "two\nlines", "", "\ufefftoken", "tok\u2014en"])
def test_a_token_that_is_none_is_refused_before_anything_is_asked(elsewhere, clock, token):
    """What cannot be sent is an error of the configuration, whose words do not hold it."""
    with pytest.raises(ConfigError, match=r"the token of \[store\] holds signs that no token has") as told:
        elsewhere._replace(token=token).opened(clock)
    assert token not in str(told.value) or not token
