"""A whole school elsewhere, by the commands as schools run them: in the end the service holds what the plans said."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from connector.store.remote_user import TRACKONE
from tests.cli.command import trackone
from tests.scim.served import Served
from tests.servers.small_school import FIELDS, lay
from tests.store.elsewhere import Elsewhere

STORE = """\
url = "scim+{url}"
token = {{ file = "token" }}
"""
MORE = """\
[sis.status]
active = ["A"]
left = ["L"]
[guard]
max_archives = "100%"
max_renames = "100%"
"""
MAPPING = """
[scope]
overwrite = true
[usernames]
method = "surname_initial"
[passwords]
method = "none"
[roles]
default = ["Student Security"]
"""
COLUMNS = (*FIELDS, "email")


class School(NamedTuple):
    """The folder of a school whose accounts are elsewhere."""

    folder: Path
    elsewhere: Elsewhere

    def lay(self) -> None:
        """Write what the school has but for its students."""
        store = STORE.format(url=self.elsewhere.service)
        lay(self.folder, fields=COLUMNS, mapping=MAPPING, store=store, more=MORE)
        (self.folder / "token").write_text(self.elsewhere.token, "utf-8")
        (self.folder / "token").chmod(0o600)

    def tell(self, rows: Sequence[dict[str, str]]) -> None:
        """The export of the SIS."""
        with (self.folder / "students.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)

    def trackone(self, *words: str) -> str:
        """What the command prints; it ends well."""
        done = trackone(*words, folder=self.folder)
        assert done.code == 0, done.out[-500:] + done.err
        return done.out

    def applied(self) -> dict[str, Any]:
        """Plan, and apply what was planned; the plan."""
        self.trackone("plan", "-o", "plan.json")
        self.trackone("apply", "plan.json")
        plan: dict[str, Any] = json.loads((self.folder / "plan.json").read_text("utf-8"))
        return plan


def pupil(number: int, **more: str) -> dict[str, str]:
    """An invented student; every tenth has the name of the one before, so that names collide."""
    name = number - (number % 10 == 9)
    return {
        "sis_code": f"S{number:05}",
        "given_names": f"Given{name % 7}",
        "family_name": f"Family{name}",
        "year_level": str(number % 12 + 1),
        "email": f"s{number}@college.example",
        "status": "A",
    } | more


def held(elsewhere: Elsewhere, *, extended: bool) -> dict[str, tuple[Any, ...]]:
    """What the service says of everybody, by SIS code."""
    found: dict[str, tuple[Any, ...]] = {}
    for user in elsewhere.users().values():
        code = user["externalId"]
        assert code not in found
        own = user.get(TRACKONE, {})
        found[code] = (
            user["userName"],
            user["name"]["familyName"],
            user["name"]["givenName"],
            [one["value"] for one in user.get("emails", ())],
            user["active"],
            sorted(one["value"] for one in user.get("roles", ())),
            (own.get("sisCode"), own.get("yearLevel")) if extended else None,
        )
    return found


def planned(plan: dict[str, Any], *, extended: bool) -> dict[str, tuple[Any, ...]]:
    """What the plan says everybody it changes is to be, by SIS code."""
    return {
        after["sis_code"]: (
            after["username"],
            after["family_name"],
            after["given_names"],
            [after["email"]],
            after["approved"] and not after["archived"],
            after["roles"],
            (after["sis_code"], after["year_level"]) if extended else None,
        )
        for after in (change["after"] for change in plan["changes"])
    }


def lives(school: School, students: int, *, extended: bool) -> None:
    """Everybody comes, changes, leaves but for ten, and returns; each time the service is as the plan says."""
    changed = [
        pupil(number, year_level=str((number + 1) % 12 + 1), family_name=f"Family{number + 1 - number % 4}")
        for number in range(students)
    ]
    left = [one | {"status": "L"} if number >= 10 else one for number, one in enumerate(changed)]
    stages = [
        ([pupil(number) for number in range(students)], {"create": students}),
        (changed, {}),
        (left, {"archive": students - 10}),
        (changed, {"restore": students - 10}),
    ]
    known: dict[str, tuple[Any, ...]] = {}
    for rows, counts in stages:
        school.tell(rows)
        plan = school.applied()
        assert {name: plan["counts"][name] for name in counts} == counts
        assert len(plan["changes"]) >= students - 10
        known |= planned(plan, extended=extended)
        assert held(school.elsewhere, extended=extended) == known
    plan = json.loads(school.trackone("plan", "--format", "json"))
    assert (plan["changes"], plan["counts"]["unchanged"]) == ([], students)


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Served]:
    """The project's own endpoint, as `trackone serve scim` serves it."""
    folder = tmp_path / "there"
    folder.mkdir()
    served = Served(folder).start()
    yield served
    served.stop()


@pytest.mark.slow
@pytest.mark.parametrize("students", [120, pytest.param(5_000, marks=pytest.mark.long)])
def test_a_school_at_a_service_that_is_not_ours(elsewhere: Elsewhere, tmp_path: Path, students: int):
    """Everybody created, changed, archived and restored by plans at scim2-server is there as planned."""
    school = School(tmp_path, elsewhere)
    school.lay()
    lives(school, students, extended=False)


@pytest.mark.slow
@pytest.mark.parametrize("students", [120, pytest.param(5_000, marks=pytest.mark.long)])
def test_a_school_at_our_own_endpoint(ours: Served, tmp_path: Path, students: int):
    """The same at `trackone serve scim`, which keeps year levels and SIS codes too, and whose own export agrees."""
    folder = tmp_path / "here"
    folder.mkdir()
    school = School(folder, Elsewhere(ours.url, ours.token, folder / "trackone-state.db"))
    school.lay()
    lives(school, students, extended=True)
    accounts = {one["sis_code"]: one["username"] for one in ours.accounts()}
    assert accounts == {code: said[0] for code, said in held(school.elsewhere, extended=True).items()}


def test_a_check_with_a_token_that_is_refused_blames_the_store_alone(ours: Served, tmp_path: Path) -> None:
    """What the service says of the token stands in the store's line; the SIS, a file here, is read and told."""
    folder = tmp_path / "here"
    folder.mkdir()
    school = School(folder, Elsewhere(ours.url, "wr0ng-token", folder / "trackone-state.db"))
    school.lay()
    school.tell([pupil(1), pupil(2)])
    answer = trackone("check", "--connect", folder=folder)
    lines = {line.split(":")[0].split()[-1]: line for line in answer.out.splitlines() if ": " in line}
    assert answer.code == 1
    assert "students.csv: 2 rows, 2 active" in lines["SIS"]
    assert "401, the token is not accepted" in lines["store"]
    assert answer.out.count("[store] token") == 1
