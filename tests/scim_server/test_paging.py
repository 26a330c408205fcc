"""Pages by index and by cursor, and sorting (RFC 7644, section 3.4.2; RFC 9865)."""

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.scim_server.talk import ENTERPRISE, SEARCH_REQUEST, TRACKONE, found, grouped, made, patch, refused, student


@pytest.fixture
def eleven(school):
    """A school of eleven, and their ids in order."""
    school.ids = [made(school, f"s{number:02}") for number in range(11)]
    return school


@pytest.mark.parametrize(
    ("query", "start", "length"),
    [
        ("", 1, 11),
        ("startIndex=1&count=5", 1, 5),
        ("startIndex=6&count=5", 6, 5),
        ("startIndex=11&count=5", 11, 1),
        ("startIndex=12&count=5", 12, 0),
        ("startIndex=99999999999999999999&count=5", None, 0),
        ("startIndex=0&count=5", 1, 5),
        ("startIndex=-3&count=5", 1, 5),
        ("count=0", 1, 0),
        ("count=-1", 1, 0),
        ("count=99999999999999999999", 1, 11),
        ("STARTINDEX=2&Count=3", 2, 3),
        ('filter=userName sw "s"&startIndex=2&count=3', 2, 3),
        ("sortBy=userName&startIndex=2&count=3", 2, 3),
        ("filter=active eq true&startIndex=11&count=3", 11, 1),
    ],
)
def test_a_page_is_what_was_asked_for(eleven, query, start, length):
    """startIndex is echoed, itemsPerPage is what is on the page, totalResults is everybody found."""
    told = eleven("GET", f"/Users?{query}").told
    assert told["totalResults"] == 11
    assert told["itemsPerPage"] == len(told["Resources"]) == length
    if start is not None:
        assert told["startIndex"] == start
        assert [one["id"] for one in told["Resources"]] == eleven.ids[start - 1 : start - 1 + length]


def test_a_page_has_an_upper_limit(school):
    """No page is longer than is announced."""
    most = school("GET", "/ServiceProviderConfig").told["filter"]["maxResults"]
    school.make(*(student(f"s{number:04}", f"S{number:04}") for number in range(most + 5)))
    told = school("GET", f"/Users?count={most * 2}&attributes=userName").told
    assert (told["totalResults"], told["itemsPerPage"]) == (most + 5, most)


def walk(school, query, kind="Users", **headers):
    """All pages by cursor."""
    pages, cursor = [], ""
    while cursor is not None:
        told = school("GET", f"/{kind}?{query}&cursor={cursor}", **headers).told
        pages.append([one["id"] for one in told["Resources"]])
        cursor = told.get("nextCursor")
        assert "startIndex" not in told
    return pages


@pytest.mark.parametrize(
    "more", ["", '&filter=userName sw "s"', "&sortBy=userName", "&filter=active eq true&sortBy=id"]
)
@pytest.mark.parametrize("count", [1, 4, 11, 50])
def test_cursors_lead_through_everybody(eleven, count, more):
    """Each is seen once, in the order of the index; the last page has no further cursor, and none is empty."""
    pages = walk(eleven, f"count={count}{more}")
    assert [one for page in pages for one in page] == eleven.ids
    assert all(pages)


def test_cursors_lead_through_groups(school):
    """Groups have cursors as well."""
    groups = {grouped(school, f"G{number}") for number in range(5)}
    pages = walk(school, "count=2", "Groups")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {one for page in pages for one in page} == groups


def test_a_walk_goes_on_while_people_come_and_go(eleven):
    """A cursor stands behind a person, not a number: nobody is missed when others before go."""
    told = eleven("GET", "/Users?count=4&cursor=").told
    eleven("DELETE", f"/Users/{eleven.ids[0]}")
    new = made(eleven, "t")
    rest = eleven("GET", f"/Users?count=50&cursor={told['nextCursor']}").told
    assert [one["id"] for one in rest["Resources"]] == [*eleven.ids[4:], new]


@pytest.mark.parametrize(
    ("query", "scim_type"),
    [
        ("cursor=nonsense", "invalidCursor"),
        ("cursor=%F0%9F%98%80", "invalidCursor"),
        ("cursor=W10", "invalidCursor"),
        ("cursor=bnVsbA", "invalidCursor"),
        ("cursor={}&filter=active eq true", "invalidCursor"),
        ("cursor={}&sortBy=userName", "invalidCursor"),
        ("cursor={}x", "invalidCursor"),
        ("cursor=&count=x", "invalidCount"),
        ("cursor=&count=-1", "invalidCount"),
    ],
)
def test_a_cursor_that_does_not_belong_here(eleven, query, scim_type):
    """A cursor of another question, or none at all, is refused by its name."""
    cursor = eleven("GET", "/Users?count=4&cursor=").told["nextCursor"]
    refused(eleven("GET", f"/Users?{query.replace('{}', cursor)}"), 400, scim_type)


def test_a_cursor_of_groups_is_not_one_of_users(eleven):
    """Nor the other way round, though the question is the same."""
    for number in range(3):
        grouped(eleven, f"G{number}")
    for kind, other in (("Users", "Groups"), ("Groups", "Users")):
        cursor = eleven("GET", f"/{kind}?count=2&cursor=").told["nextCursor"]
        refused(eleven("GET", f"/{other}?count=2&cursor={cursor}"), 400, "invalidCursor")


def test_a_cursor_ends(eleven):
    """After the time that is announced a cursor is expired."""
    config = eleven("GET", "/ServiceProviderConfig").told["pagination"]
    assert (config["cursor"], config["index"], config["defaultPaginationMethod"]) == (True, True, "index")
    cursor = eleven("GET", "/Users?count=4&cursor=").told["nextCursor"]
    eleven.clock.now += timedelta(seconds=config["cursorTimeout"] + 60)
    refused(eleven("GET", f"/Users?count=4&cursor={cursor}"), 400, "expiredCursor")


PEOPLE = {
    "d": {"title": "b", "name": {"familyName": "Álvarez"}, "emails": [{"value": "z@x.example"}]},
    "a": {"title": "B", "active": False, "externalId": "9", ENTERPRISE: {"department": "z"}},
    "c": {"title": "a", "name": {"familyName": "smith"}, ENTERPRISE: {"department": "Y"}},
    "b": {"name": {"familyName": "Smith"}, "emails": [{"value": "a@x.example"}], TRACKONE: {"yearLevel": "7"}},
}


@pytest.mark.parametrize(
    ("sort_by", "expected"),
    [
        ("userName", "abcd"),
        ("USERNAME", "abcd"),
        ("id", "dacb"),
        ("title", "cdab"),
        ("name.familyName", "cbda"),
        ("emails", "bdac"),
        ("emails.value", "bdac"),
        ("externalId", "adcb"),
        ("active", "adcb"),
        (f"{ENTERPRISE}:department", "cadb"),
        (f"{TRACKONE}:yearLevel", "bdac"),
        ("meta.created", "dacb"),
        ("meta.lastModified", "dacb"),
    ],
)
def test_people_are_sorted(school, sort_by, expected):
    """Letter case aside; who has no value comes last, and first where it is descending; ties keep their order."""
    names = {made(school, name, **attributes): name for name, attributes in PEOPLE.items()}
    told = "".join(names[one] for one in found(school, f"sortBy={sort_by}"))
    assert told == expected
    for order in ("ascending", "Ascending"):
        assert "".join(names[one] for one in found(school, f"sortBy={sort_by}&sortOrder={order}")) == expected
    down = "".join(names[one] for one in found(school, f"sortBy={sort_by}&sortOrder=descending"))
    pages = "".join(
        names[one] for start in (1, 3) for one in found(school, f"sortBy={sort_by}&startIndex={start}&count=2")
    )
    assert (sorted(down), pages) == (sorted(expected), expected)
    values = [_value(PEOPLE[name], sort_by) for name in down]
    assert all(not (left and not right) for left, right in pairwise(map(bool, values))) or "meta" in sort_by


def _value(attributes, sort_by):
    """Whether there is something to sort by, for the attributes that may be missing."""
    if sort_by in ("title", "externalId"):
        return attributes.get(sort_by)
    if sort_by.startswith("emails"):
        return attributes.get("emails")
    if sort_by == "name.familyName":
        return attributes.get("name")
    for urn in (ENTERPRISE, TRACKONE):
        if sort_by.startswith(urn):
            return attributes.get(urn)
    return True


def test_groups_are_sorted(school):
    """By name, either way."""
    names = {grouped(school, name): name for name in ("b", "C", "a")}
    assert [names[one] for one in found(school, "sortBy=displayName", "Groups")] == ["a", "b", "C"]
    down = found(school, "sortBy=displayName&sortOrder=descending", "Groups")
    assert [names[one] for one in down] == ["C", "b", "a"]


@pytest.mark.parametrize(
    ("query", "scim_type"),
    [
        ("sortBy=nothing", "invalidPath"),
        ("sortBy=..", "invalidPath"),
        ("sortBy=password", "invalidPath"),
        ("sortBy=userName&sortOrder=up", "invalidValue"),
    ],
)
def test_what_cannot_be_sorted_by(school, query, scim_type):
    """An attribute that there is not, and an order that is none."""
    refused(school("GET", f"/Users?{query}"), 400, scim_type)


def test_a_search_takes_everything_a_query_takes(eleven):
    """POST to .search with filter, sorting, paging and parts in its body."""
    body = {
        "schemas": [SEARCH_REQUEST],
        "filter": 'userName sw "s0"',
        "sortBy": "userName",
        "sortOrder": "descending",
        "startIndex": 2,
        "count": 3,
        "attributes": ["userName"],
    }
    told = eleven("POST", "/Users/.search", body).told
    assert (told["totalResults"], told["startIndex"]) == (10, 2)
    assert [one["userName"] for one in told["Resources"]] == ["s08", "s07", "s06"]
    assert all(set(one) == {"schemas", "id", "userName"} for one in told["Resources"])
    refused(eleven("POST", "/Users/.search", {**body, "schemas": ["urn:x"]}), 400, "invalidSyntax")
    refused(eleven("POST", "/Users/.search", {**body, "count": "x"}), 400, "invalidValue")


def test_a_search_at_the_root_goes_over_both_kinds(eleven):
    """Users first, then groups, on pages of the size that was asked for."""
    groups = [grouped(eleven, f"s{number}") for number in range(3)]
    seen = []
    for start in (1, 6, 11):
        body = {"schemas": [SEARCH_REQUEST], "startIndex": start, "count": 5, "sortBy": "meta.created"}
        told = eleven("POST", "/.search", body).told
        assert (told["totalResults"], told["startIndex"]) == (14, start)
        assert told["itemsPerPage"] == len(told["Resources"]) <= 5
        seen += [one["id"] for one in told["Resources"]]
    assert seen == [*eleven.ids, *groups]
    only = eleven("POST", "/.search", {"schemas": [SEARCH_REQUEST], "filter": 'userName eq "s03"'}).told
    assert [one["id"] for one in only["Resources"]] == [eleven.ids[3]]
    both = eleven("POST", "/.search", {"schemas": [SEARCH_REQUEST], "filter": 'id pr and displayName eq "s1"'}).told
    assert [one["id"] for one in both["Resources"]] == [groups[1]]
    refused(eleven("POST", "/.search", {"schemas": [SEARCH_REQUEST], "filter": "nothing pr"}), 400, "invalidFilter")
    refused(eleven("POST", "/.search", {"schemas": [SEARCH_REQUEST], "cursor": ""}), 400, "invalidCursor")


def test_a_filter_ends_with_what_it_finds(school):
    """A deactivated user leaves the filter on active and keeps its place among all."""
    first, second = made(school, "a"), made(school, "b")
    school("PATCH", f"/Users/{first}", patch({"op": "replace", "path": "active", "value": False}))
    assert found(school, "filter=active eq true") == [second]
    assert found(school, "filter=active eq false") == [first]
    assert found(school, "") == [first, second]


KNOWN_AS = ["plain", 'a "quoted" \\ one', "Zoë \u2713", "tab\there", None]


@pytest.mark.parametrize("client", ["entra", "okta", "nobody"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_page_holds_everybody_as_they_are_alone(school, client, times):
    """In the order of ids, made for it or stored before, each with what this client calls them."""
    ids = []
    for number, name in enumerate(KNOWN_AS):
        known = {"externalId": name} if name else {}
        ids.append(made(school, f"user{number}", client=("entra", "okta")[number % 2], **known))
    for _ in range(times):
        page = school("GET", "/Users", Client=client).told["Resources"]
    alone = [school("GET", f"/Users/{one}", Client=client).told for one in ids]
    assert page == alone
    seen = [one.get("externalId") for one in page]
    mine = {"entra": KNOWN_AS[::2], "okta": KNOWN_AS[1::2], "nobody": []}[client]
    assert [name for name in seen if name] == [name for name in mine if name]
