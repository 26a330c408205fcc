"""Filters of every shape against a plain reading of them: what the store finds is what a person would find.

A few dozen varied people are asked hundreds of filters that hypothesis makes from the whole grammar of RFC 7644,
section 3.4.2.2. The oracle reads the resources as the endpoint shows them.
"""

import json
from datetime import datetime
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.mapping.keys import case_key
from tests.scim_server.conftest import School
from tests.scim_server.talk import ENTERPRISE, TRACKONE, found, grouped, made, student

WORDS = [
    *(
        "amelia",
        "Amelia",
        "AMELIA.SMITH",
        "smith",
        "50%",
        "a_b",
        "_",
        "%",
        "a\\b",
        'say "hi"',
        "O'Neill",
        "Zoë",
        "zoe",
    ),
    *(
        "Straße",
        "strasse",
        "Ünal",
        "李",
        "𝒜",
        "\u00a0",
        "w@x.example",
        "x.example",
        "work",
        "home",
        "Work",
        "7",
        "10",
    ),
    *("P", "true", "False", "", "Arts", "arts & crafts", "null", "Student", "entra-1", "ENTRA-1", "S1", "s1", "-1"),
    *("😀", "e\u0301", "\u00e9", "ﬁ", "fi", "Year 7", "Prefects", "direct", "1", "2", "01", "1 "),
]


def _people():
    """The people: from SIS and from clients, with little and with much, with signs that need care."""
    for number, word in enumerate(WORDS[:24]):
        name = word.strip() or "blank"
        extra = {
            "name": {"givenName": word, "familyName": WORDS[-number - 1], "middleName": WORDS[(number * 7) % 40]},
            "title": WORDS[(number * 5) % 40],
            "nickName": word.upper(),
            "externalId": f"entra-{number % 5}" if number % 2 else f"ENTRA-{number}",
            "active": number % 3 != 0,
            "emails": [
                {"value": f"{number}@x.example", "type": "work", "primary": True},
                {"value": f"H{number}@Home.example", "type": "Home", "display": word},
            ][: number % 3],
            "phoneNumbers": [{"value": f"+61 {number}", "type": ["work", "mobile"][number % 2]}],
            "roles": [{"value": "Student Portal", "primary": number % 2 == 0}] if number % 4 == 0 else [],
            ENTERPRISE: {"department": WORDS[(number * 3) % 40], "manager": {"value": str(number % 4)}},
            TRACKONE: {
                "yearLevel": str(number % 13),
                "campus": ["North", ""][number % 2],
                "lockedOut": number % 6 == 0,
            },
        }
        keys = sorted(extra)[: 1 + number % len(extra)] if number % 4 else sorted(extra)
        yield f"u{number}-{name}", {key: extra[key] for key in keys}


@pytest.fixture(scope="module")
def resources(tmp_path_factory):
    """A school, and its people as the endpoint shows them."""
    school = School(tmp_path_factory.mktemp("filters"))
    school.make(
        student("asmith", "S1"),
        student("bsmith", "s2", email="", family_name="", given_names=""),
        student("czoë", "S3", given_names="Zoë", family_name="O'Neill", year_level="10", archived=True),
        student("system", "", user_type="System", claimed=False),
    )
    school("GET", "/Users")  # texts are stored for some
    ids = [made(school, name, **extra) for name, extra in _people()]
    grouped(school, "Year 7", *ids[:3])
    grouped(school, "Prefects", *ids[2:5])
    shown = school("GET", "/Users?count=1000").told["Resources"]
    assert len(shown) == len(ids) + 3
    roles = school("GET", f"/Users?count=1000&attributes={TRACKONE}:grantedRoles").told["Resources"]
    for one, more in zip(shown, roles, strict=True):  # told on request only
        one[TRACKONE] = {**one.get(TRACKONE, {}), **more.get(TRACKONE, {})}
    return school, shown


STRINGS = {
    "userName": False, "displayName": False, "nickName": False, "title": False, "externalId": True, "id": True,
    "name.givenName": False, "name.familyName": False, "name.middleName": False, "name.formatted": False,
    f"{ENTERPRISE}:department": False, f"{ENTERPRISE}:manager.value": True, f"{ENTERPRISE}:division": False,
    f"{TRACKONE}:yearLevel": False, f"{TRACKONE}:campus": False, f"{TRACKONE}:sisCode": False,
    f"{TRACKONE}:userType": False, f"{TRACKONE}:grantedRoles": False, "meta.resourceType": True,
    "emails.value": False, "emails.type": False, "emails.display": False, "emails": False,
    "phoneNumbers.value": False,
    "phoneNumbers": False, "roles.value": False, "roles": False, "groups.display": False, "groups.type": False,
    "groups.value": True, "groups": True,
}  # fmt: skip
FLAGS = [
    *("active", f"{TRACKONE}:lockedOut", f"{TRACKONE}:overrideNetworkAuthentication"),
    *("emails.primary", "roles.primary"),
]
MOMENTS = ["meta.created", "meta.lastModified"]
ITEMS = {
    "emails": {"value": False, "type": False, "display": False, "primary": None},
    "phoneNumbers": {"value": False, "type": False},
    "roles": {"value": False, "primary": None},
    "groups": {"display": False, "type": False},
}
TEXT_OPS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]

words = st.sampled_from(WORDS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4
)


def _any_case(text):
    return st.sampled_from([text, text.upper(), text.lower(), text.title()])


def _comparison(path, ops, value):
    return st.tuples(st.just("compare"), st.just(path), st.sampled_from(ops), value)


def _leaves(paths, flags, moments=()):
    texts = st.sampled_from(sorted(paths)).flatmap(lambda path: _comparison(path, TEXT_OPS, words))
    nulls = st.sampled_from([*sorted(paths), *flags]).flatmap(lambda path: _comparison(path, ["eq", "ne"], st.none()))
    present = st.tuples(st.just("present"), st.sampled_from([*sorted(paths), *flags, *moments]))
    leaves = [texts, texts, nulls, present]
    if flags:
        leaves.append(st.sampled_from(list(flags)).flatmap(lambda p: _comparison(p, ["eq", "ne"], st.booleans())))
    if moments:
        when = st.sampled_from(
            ["2026-02-02T09:00:20Z", "2026-02-02T10:00:40+01:00", "2026-02-02T09:01:00.000Z", "2020-01-01T00:00:00Z"]
        )
        leaves.append(
            st.sampled_from(list(moments)).flatmap(
                lambda p: _comparison(p, ["eq", "ne", "gt", "ge", "lt", "le"], when)
            )
        )
    return st.one_of(leaves)


def _within(name):
    subs = {sub: exact for sub, exact in ITEMS[name].items() if exact is not None}
    flags = [sub for sub, exact in ITEMS[name].items() if exact is None]
    return st.tuples(st.just("within"), st.just(name), _trees(_leaves(subs, flags), 4))


def _trees(leaves, most):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.just("not"), inner),
            st.tuples(st.just("and"), inner, inner),
            st.tuples(st.just("or"), inner, inner),
        ),
        max_leaves=most,
    )


filters = _trees(st.one_of(_leaves(STRINGS, FLAGS, MOMENTS), st.sampled_from(sorted(ITEMS)).flatmap(_within)), 6)


def written(tree):
    """The filter as its text."""
    match tree:
        case ("compare", path, op, value):
            return f"{path} {op} {json.dumps(value, ensure_ascii=len(path) % 2 == 0)}"
        case ("present", path):
            return f"{path} pr"
        case ("within", path, part):
            return f"{path}[{written(part)}]"
        case ("not", part):
            return f"not ({written(part)})"
        case (word, left, right):
            return f"({written(left)}) {word} ({written(right)})"


def values(resource, path):
    """Every value that a path names in a resource."""
    held = [resource]
    for urn in (ENTERPRISE, TRACKONE):
        if path.startswith(urn):
            held, path = [resource.get(urn, {})], path[len(urn) + 1 :]
    for name in path.split("."):
        held = [inner for one in held for inner in _listed(one.get(name))]
    return [one.get("value") if isinstance(one, dict) and "value" in one else one for one in held]


def _listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def holds(tree, resource, exact=STRINGS):  # noqa: PLR0911 - one for each kind of tree
    """Whether a resource is as a filter says."""
    match tree:
        case ("compare", path, op, value):
            if op == "ne":
                return not holds(("compare", path, "eq", value), resource, exact)
            held = [one for one in values(resource, path) if one not in (None, "")]
            if value is None:
                return not held
            return any(_compares(one, op, value, path, exact.get(path)) for one in held)
        case ("present", path):
            return any(one not in (None, "", {}, []) for one in values(resource, path))
        case ("within", path, part):
            return any(holds(part, item, ITEMS[path]) for item in resource.get(path, []))
        case ("not", part):
            return not holds(part, resource, exact)
        case ("and", left, right):
            return holds(left, resource, exact) and holds(right, resource, exact)
        case ("or", left, right):
            return holds(left, resource, exact) or holds(right, resource, exact)


def _compares(held, op, value, path, exact):
    if isinstance(value, bool):
        return held is value
    if path in MOMENTS:
        held, value = datetime.fromisoformat(held), datetime.fromisoformat(value)
    elif not exact:
        held, value = case_key(held), case_key(value)
    tests = {
        "eq": lambda: held == value,
        "co": lambda: value in held,
        "sw": lambda: held.startswith(value),
        "ew": lambda: held.endswith(value),
        "gt": lambda: held > value,
        "ge": lambda: held >= value,
        "lt": lambda: held < value,
        "le": lambda: held <= value,
    }
    return tests[op]()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filters)
def test_the_store_finds_what_a_plain_reading_finds(resources, tree):
    """Every filter of the grammar finds exactly the people it describes, however it is written."""
    school, shown = resources
    expected = [one["id"] for one in shown if holds(tree, one)]
    assert found(school, f"count=1000&filter={quote(written(tree))}") == expected, written(tree)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filters)
def test_a_search_finds_the_same(resources, tree):
    """POST to .search with the filter in its body is the same question."""
    school, shown = resources
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": written(tree),
        "count": 1000,
        "attributes": ["id"],
    }
    told = school("POST", "/Users/.search", body).told
    assert [one["id"] for one in told["Resources"]] == [one["id"] for one in shown if holds(tree, one)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(exclude_characters="\0"), max_size=60))
def test_any_text_is_a_filter_or_refused(resources, text):
    """What is no filter is 400 invalidFilter, never a failure and never everybody."""
    school, shown = resources
    answer = school("POST", "/Users/.search", {"filter": text, "count": 1000})
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert answer.told["scimType"] in ("invalidFilter", "invalidSyntax")
    elif text:
        assert answer.told["totalResults"] < len(shown)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "userName",
                    "name",
                    "emails",
                    "active",
                    "and",
                    "or",
                    "not",
                    "eq",
                    "co",
                    "pr",
                    "(",
                    ")",
                    "[",
                    "]",
                    ".",
                ),
                *(
                    '"x"',
                    '"',
                    "null",
                    "true",
                    "12",
                    "-1e5",
                    ":",
                    "urn:ietf:params:scim:schemas:core:2.0:User",
                    " ",
                    "\\",
                ),
            ]
        ),
        max_size=9,
    )
)
def test_any_heap_of_tokens_is_answered(resources, tokens):
    """The words of the grammar in any order are answered or refused."""
    school, _shown = resources
    answer = school("POST", "/Users/.search", {"filter": " ".join(tokens)})
    assert answer.status_code in (200, 400)
