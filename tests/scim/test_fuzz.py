"""Whatever is sent: no failure of ours, every refusal a SCIM error, nobody seen who is not to be seen."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from connector.bootstrap import system_clock
from connector.domain.account import Account, UserType
from connector.domain.ports import Credential, RunRequest
from connector.store.open import open_store
from scim_server.wsgi import application
from tests.scim.served import CORE, MEDIA_TYPE, PATCH_OP, Served, user
from tests.store.people import create

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TRACKONE = "urn:ietf:params:scim:schemas:extension:trackone:2.0:User"
HIDDEN = ("hidden.system", "hidden.deleted")
DEEP = 1_500
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


class School:
    """The endpoint in this process, with people who are to be seen and people who are not."""

    def __init__(self, folder: Path) -> None:
        """Lay it down."""
        served = Served(folder)
        store = open_store(f"sqlite:///{folder / 'trackone.db'}", system_clock)
        with store.run(RunRequest("test", "test", "root")) as run:
            run.write([create(Account(HIDDEN[0], user_type=UserType.SYSTEM))], Credential)
            run.close({}, {}, ())
        self.http = Client(application(folder / "connector.toml"))
        self.hidden: tuple[str, ...] = ()
        self.headers = {"Authorization": f"Bearer {served.token}"}
        people = [
            user("ada", displayName="Ada O'Neil", externalId="X1", title="Teacher", active=True),
            user("bob", displayName='Bob "the" 50%_builder', emails=[{"value": "bob@x.example", "type": "work"}]),
            user("zoë", nickName="Ω", active=False, **{TRACKONE: {"sisCode": "S1", "yearLevel": "7"}}),
            user("dan", **{ENTERPRISE: {"department": "Science"}}, phoneNumbers=[{"value": "1", "type": "home"}]),
            user(HIDDEN[1]),
        ]
        self.ids = [str(self("POST", "/Users", one)[1]["id"]) for one in people]
        assert self("DELETE", f"/Users/{self.ids.pop()}")[0] == 204
        self.hidden = HIDDEN
        group = {"schemas": [f"{CORE}:Group"], "displayName": "Group", "members": [{"value": self.ids[0]}]}
        self.group = str(self("POST", "/Groups", group)[1]["id"])

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the body of the answer to a body that is turned into JSON."""
        data = None if body is None else json.dumps(body)
        return self.send(method, path, data, MEDIA_TYPE)

    def send(self, method: str, path: str, data: Any, media_type: str) -> tuple[int, Any]:
        """The status and the body of an answer, which is never a failure of ours and always well formed."""
        answer = self.http.open(
            f"/scim/v2{path}", method=method, data=data, content_type=media_type, headers=self.headers
        )
        assert answer.status_code < 500 or answer.status_code == 501, (method, path, data, answer.text)
        told = json.loads(answer.text) if answer.text else None
        if answer.status_code >= 400 and method != "HEAD":
            assert told["schemas"] == [ERROR]
            assert told["status"] == str(answer.status_code)
            assert told["detail"]
        if told is not None:
            assert answer.content_type == MEDIA_TYPE
        for name in self.hidden:
            assert f'"{name}"' not in answer.text
        return answer.status_code, told

    def found(self, text: str) -> tuple[int, Any]:
        """What a filter on the users finds."""
        return self("GET", f"/Users?filter={quote(text, safe='', errors='replace')}")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    """The school that is shouted at."""
    return School(tmp_path_factory.mktemp("fuzz"))


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    [
        "",
        " ",
        "True",
        "false",
        "null",
        "ada",
        "%",
        "_",
        "'",
        '"',
        "\\",
        "\x00",
        "\ud800",
        "bulkId:x",
        "1" * 400,
        "{}",
        "[]",
    ]
)
NAMES = st.sampled_from(
    [
        "userName", "USERNAME", "id", "externalId", "active", "name", "name.familyName", "emails", "emails.value",
        "displayName", "members", "members.value", "groups", "roles", "password", "schemas", "meta", "meta.created",
        "meta.lastModified", "title", "phoneNumbers.type", "x509Certificates", "photos", "nothing", "urn:x:y",
        ENTERPRISE, f"{ENTERPRISE}:manager", f"{ENTERPRISE}:department", TRACKONE, f"{TRACKONE}:sisCode",
        f"{TRACKONE}:lockedOut", f"{TRACKONE}:userType", f"{TRACKONE}:roleProvenance", f"{CORE}:User:userName",
    ]
)  # fmt: skip
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES | TEXTS, VALUES, max_size=6)
LITERALS = st.one_of(
    TEXTS.map(lambda text: json.dumps(text, ensure_ascii=True)),
    st.sampled_from(["true", "false", "null", "1", "1.5", '"2026-01-01T00:00:00Z"', '"2026-01-01T00:00:00+10:00"']),
)
COMPARISONS = st.one_of(
    st.builds(
        "{} {} {}".format,
        NAMES,
        st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "Co"]),
        LITERALS,
    ),
    NAMES.map("{} pr".format),
    st.builds(
        "{}[{} {} {}]".format,
        st.sampled_from(["emails", "phoneNumbers", "members", "groups", "name"]),
        st.sampled_from(["type", "value", "primary", "display"]),
        st.sampled_from(["eq", "ne", "co", "pr and type eq"]),
        LITERALS,
    ),
)
FILTERS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        inner.map("not ({})".format),
        inner.map("({})".format),
    ),
    max_leaves=5,
)
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Add", "replace", "Remove", "move", ""]) | TEXTS},
    optional={
        "path": NAMES
        | TEXTS
        | FILTERS.map("emails[{}].value".format)
        | FILTERS.map("members[{}]".format)
        | COMPARISONS.map("phoneNumbers[{}]".format),
        "value": VALUES,
    },
)
ROUTES = (
    "/Users", "/Users/{id}", "/Groups", "/Groups/{group}", "/Users/.search", "/Groups/.search", "/.search", "/Bulk",
    "/Me", "/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", "/Schemas/x", "/", "",
    "/Users/{id}/more", "/Users/%00", "/nothing",
)  # fmt: skip
QUERIES = st.dictionaries(
    st.sampled_from(
        ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"]
    )
    | TEXTS,
    TEXTS | NAMES | FILTERS | st.integers().map(str),
    max_size=4,
)


def _path(school: School, route: str, query: dict[str, str]) -> str:
    asked = "&".join(
        f"{quote(key, safe='', errors='replace')}={quote(value, safe='', errors='replace')}"
        for key, value in query.items()
    )
    route = route.replace("{id}", school.ids[0]).replace("{group}", school.group)
    return f"{route}?{asked}" if asked else route


@given(
    route=st.sampled_from(ROUTES),
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE"]),
    query=QUERIES,
    data=st.one_of(st.none(), OBJECTS.map(json.dumps), VALUES.map(json.dumps), st.binary(max_size=60)),
    media_type=st.sampled_from([MEDIA_TYPE, "application/json; charset=utf-8", "text/plain", ""]),
)
@QUICK
def test_every_route_answers_anything(school, route, method, query, data, media_type) -> None:
    """Any method, query, body and media type on any address gets an answer: an Error where it is refused."""
    school.send(method, _path(school, route, query), data, media_type)


@given(text=FILTERS)
@QUICK
def test_a_filter_and_its_contrary_find_everybody_once(school, text) -> None:
    """A filter that can be read parts those who are to be seen in two, and nobody else appears."""
    status, told = school.found(text)
    contrary_status, contrary = school.found(f"not ({text})")
    assert status == contrary_status
    assert status in (200, 400) or (status == 403 and "password" in text)
    if status == 200:
        everybody = school("GET", "/Users?count=0")[1]["totalResults"]
        assert told["totalResults"] + contrary["totalResults"] == everybody
        assert not {one["id"] for one in told["Resources"]} & {one["id"] for one in contrary["Resources"]}


@given(text=st.text(st.sampled_from(list('userName eqo"ab[](). -:%_\\and\x00é😀')), max_size=60) | TEXTS)
@QUICK
def test_a_text_that_is_no_filter_is_refused(school, text) -> None:
    """Junk finds nobody: 400 invalidFilter, or an answer where by chance it is a filter."""
    assume(text.strip())
    status, told = school.found(text)
    assert status in (200, 400)
    if status == 400:
        assert told["scimType"] == "invalidFilter"


@given(text=FILTERS)
@QUICK
def test_group_filters_answer_too(school, text) -> None:
    """The same on groups."""
    status, _ = school("GET", f"/Groups?filter={quote(text, safe='')}")
    assert status in (200, 400)


@given(operations=st.lists(OPERATIONS, min_size=1, max_size=3))
@QUICK
def test_a_refused_patch_changes_nothing(school, operations) -> None:
    """Whatever the operations: done whole, or refused and the user is as before; no password is told."""
    path = f"/Users/{school.ids[1]}"
    before = school("GET", path)[1]
    status, told = school("PATCH", path, {"schemas": [PATCH_OP], "Operations": operations})
    after = school("GET", path)[1]
    if status == 200:
        assert told == after
        assert after["id"] == before["id"]
        assert after["userName"].strip()
        assert "password" not in after
    else:
        assert after == before


@given(operations=st.lists(OPERATIONS, min_size=1, max_size=3))
@QUICK
def test_a_refused_patch_of_a_group_changes_nothing(school, operations) -> None:
    """The same for groups."""
    path = f"/Groups/{school.group}"
    before = school("GET", path)[1]
    status, _ = school("PATCH", path, {"schemas": [PATCH_OP], "Operations": operations})
    if status >= 400:
        assert school("GET", path)[1] == before


@given(body=OBJECTS)
@QUICK
def test_a_user_that_is_made_can_be_put_back_as_it_is_shown(school, body) -> None:
    """What a PUT gives back is taken again as it is, and changes nothing."""
    path = f"/Users/{school.ids[3]}"
    status, told = school("PUT", path, {"userName": "dan", **body})
    if status == 200:
        assert school("PUT", path, told) == (200, told)
        assert school("GET", path) == (200, told)


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("GET", "/Users?filter=" + "(" * DEEP + "userName+pr" + ")" * DEEP, None),
        ("GET", "/Users?filter=" + "not+(" * DEEP + "userName+pr" + ")" * DEEP, None),
        ("GET", "/Users?filter=" + "emails[" * DEEP + "type+pr" + "]" * DEEP, None),
        ("GET", "/Groups?filter=" + "(" * DEEP + "displayName+pr" + ")" * DEEP, None),
        ("POST", "/Users", "[" * DEEP + "]" * DEEP),
        ("POST", "/Users", '{"userName": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}"),
        ("POST", "/Users/.search", json.dumps({"filter": "(" * DEEP + "userName pr" + ")" * DEEP})),
        (
            "PATCH",
            "/Users/{id}",
            json.dumps({"Operations": [{"op": "remove", "path": f"emails[{'(' * DEEP}type pr{')' * DEEP}]"}]}),
        ),
    ],
)
def test_what_is_nested_too_deep_is_a_400(school, method, path, data) -> None:
    """1,500 levels in a filter, a path or a body are refused, not tried."""
    status, _ = school.send(method, path.replace("{id}", school.ids[0]), data, MEDIA_TYPE)
    assert status == 400


def test_a_long_chain_of_ors_is_answered(school) -> None:
    """A filter is long before it is deep: ninety alternatives find whom they name."""
    text = " or ".join(f'userName eq "nobody{number}"' for number in range(90)) + ' or userName eq "ada"'
    status, told = school.found(text)
    assert (status, told["totalResults"]) == (200, 1)


@pytest.mark.parametrize("text", ["%", "_", "50%_", 'Bob "the"', "O'Neil", "\\"])
def test_signs_of_sql_and_json_are_only_signs(school, text) -> None:
    """`co` finds those whose name holds the text, and no others."""
    _, told = school.found(f"displayName co {json.dumps(text)}")
    _, everybody = school("GET", "/Users")
    holding = [
        one["id"] for one in everybody["Resources"] if text.casefold() in one.get("displayName", "").casefold()
    ]
    assert [one["id"] for one in told["Resources"]] == holding
