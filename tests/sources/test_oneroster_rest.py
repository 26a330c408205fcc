"""OneRoster over HTTP: signing in, paging, and what happens when the service misbehaves."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.domain.errors import ConfigError, SourceError
from connector.settings.values import SchoolSettings, SisConnection, SisSettings
from connector.sources.oneroster_rest import oneroster_rest_source
from connector.sources.oneroster_rest_service import Patience, Times
from connector.sources.reading import TableReading
from tests.servers.authority import Authority
from tests.servers.oneroster import CLIENT, PATHS, SECRET, TOKEN, Mishap, OneRoster, always, once
from tests.sources.same_school import DAY, PEOPLE, expected, oneroster_records, without_places

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
IMPATIENT = Patience(connect=2, read=0.4, between=2, backoff=0.01, tries=3, octets=8 << 20)
WHOLE = list(without_places(expected()))
REQUESTS = 10
"""What a read of the school costs with pages of 10: students, orgs, enrollments, classes."""


def connect(service: OneRoster, **options: Any) -> SisConnection:
    """The settings that reach a service; further words stand above."""
    facts = {
        "url": service.url,
        "version": service.version,
        "auth": service.auth,
        "client_id": CLIENT,
        "token_url": service.token_url,
        "page_size": 10,
    }
    return SisConnection(**{**facts, **options})


def read(
    service: OneRoster, patience: Patience = IMPATIENT, sleep: Callable[[float], None] = time.sleep, **options: Any
) -> TableReading:
    """Begin to read a service."""
    secret = options.pop("secret", TOKEN if service.auth == "bearer" else SECRET)
    further = options.pop("sis", {})
    sis = SisSettings(reader="oneroster-rest", connection=connect(service, **options), **further)
    times = Times(lambda: NOW, time.monotonic, sleep)
    return oneroster_rest_source(sis, SchoolSettings(state="QLD"), secret, times, patience).open(DAY)


def students(reading: TableReading) -> list[Any]:
    """What the read gives, places aside."""
    return list(without_places(map(reading.student, reading.rows())))


def school(version: str = "1.2", **options: Any) -> OneRoster:
    """A service with the school."""
    return OneRoster(oneroster_records(version), version, **options)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("auth", ["oauth2", "oauth1-sha1", "oauth1-sha256", "bearer"])
def test_signing_in(auth: str, version: str) -> None:
    """Each way of signing in is accepted by a service that checks it for itself."""
    with school(version, auth=auth) as service:
        assert students(read(service)) == WHOLE
        authorizations = [given for method, _, _, given in service.asked if method == "GET"]
    signed_afresh = len(set(authorizations)) == len(authorizations)
    assert signed_afresh == auth.startswith("oauth1")


@pytest.mark.parametrize("auth", ["oauth2", "oauth1-sha1", "oauth1-sha256", "bearer"])
def test_a_wrong_secret(auth: str) -> None:
    """A wrong secret is refused in the service's words, tried once, and never shown."""
    with school(auth=auth) as service, pytest.raises(SourceError) as refused:
        read(service, secret="wr0ng-secret")
    assert "401" in refused.value.message
    assert ("not authorised" if auth != "oauth2" else "Unknown client") in refused.value.message
    assert "wr0ng" not in str(refused.value)
    assert len(service.asked) == 1


def test_scopes_and_token() -> None:
    """The scopes of the standard are asked for, others where they are named, and one token serves a read."""
    with school(auth="oauth2") as service:
        read(service)
        read(service, scopes=("a", "b"))
        asked = [form["scope"] for method, _, form, _ in service.asked if method == "POST"]
    assert asked[0].split()[0] == "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly"
    assert asked[1:] == ["a b"]


PAGINGS: dict[str, tuple[dict[str, Any], int, int]] = {
    "link and count": ({}, 10, REQUESTS),
    "count alone": ({"links": False}, 10, REQUESTS),
    "smaller pages than asked for": ({"most": 5, "links": False}, 10, 17),
    "smaller pages by link": ({"most": 5}, 10, 17),
    "one page": ({}, 1000, 4),
}


@pytest.mark.parametrize(("options", "size", "requests"), PAGINGS.values(), ids=PAGINGS)
def test_paging(options: dict[str, Any], size: int, requests: int) -> None:
    """By Link or by offset, every page is fetched once, sorted by the key."""
    with school(**options) as service:
        reading = read(service, page_size=size)
        assert students(reading) == WHOLE
        assert reading.complete
    assert len(service.asked) == requests
    assert {query["sort"] for _, _, query, _ in service.asked} == {"sourcedId"}


@pytest.mark.parametrize("links", [True, False])
def test_without_a_count_nothing_is_proved(links: bool) -> None:
    """A service that never says how many there are gives everybody, but nobody can be missing."""
    with school(total=False, links=links) as service:
        reading = read(service)
        assert students(reading) == WHOLE
    assert not reading.complete
    assert [one.code for one in reading.findings] == ["incomplete-read"]
    assert "X-Total-Count" in reading.findings[0].detail


def test_classes_are_fetched_only_where_they_are_read() -> None:
    """classes = "" saves the two largest collections."""
    with school() as service:
        sis = SisSettings(columns={"classes": ()}, connection=connect(service))
        times = Times(lambda: NOW, time.monotonic, time.sleep)
        reading = oneroster_rest_source(sis, SchoolSettings(state="QLD"), TOKEN, times).open(DAY)
        assert students(reading) == [one._replace(classes=frozenset()) for one in WHOLE]
    assert set(service.collections()) == {"students", "orgs"}


# What passes when it is tried again, what is told, and what is refused; at every request in turn.
MISHAPS: Mapping[str, tuple[str, str]] = {
    "429": ("whole", ""),
    "429 1": ("whole", ""),
    "502": ("whole", ""),
    "503": ("whole", ""),
    "504 0": ("whole", ""),
    "drop": ("whole", ""),
    "cut": ("whole", ""),
    "silence": ("whole", ""),
    "home": ("whole", ""),
    "repeat": ("whole", ""),
    "circle": ("whole", ""),
    "short": ("whole", ""),
    "total": ("whole", ""),
    "429 500": ("refused", "429"),
    "500": ("refused", "500 Internal Server Error: failure, Come back later, server_busy"),
    "400": ("refused", "400 Bad Request"),
    "403": ("refused", "403 Forbidden"),
    "404": ("refused", "404 Not Found"),
    "expired": ("refused", "401 Unauthorized"),
    "away": ("refused", "localhost:9, where its credentials do not belong"),
    "astray": ("refused", "sends the reader on to an address that is none"),
    "long redirect": ("refused", "larger than 8 MiB"),
    "page for people": ("refused", "text/html, not JSON"),
    "broken": ("refused", "broken JSON"),
    "no page": ("refused", "no page of records"),
    "no object": ("refused", "a record is no JSON object"),
    "huge": ("refused", "larger than 8 MiB"),
}


def every_request(mishap: str) -> range:
    """Each request of a read; where waiting or much traffic is part of the mishap only a few."""
    return range(1, REQUESTS + 1, 6 if mishap in ("429 1", "silence", "huge", "long redirect") else 1)


@pytest.mark.parametrize(("mishap", "outcome"), MISHAPS.items(), ids=MISHAPS)
def test_a_fault_at_every_request_in_turn(mishap: str, outcome: tuple[str, str]) -> None:
    """Whichever request fails, what comes of it is the complete read or none."""
    for number in every_request(mishap):
        with school(mishap=once(number, mishap)) as service:
            if outcome[0] == "refused":
                with pytest.raises(SourceError) as refused:
                    read(service)
                assert outcome[1] in refused.value.message, number
                assert refused.value.hint
                continue
            reading = read(service)
            assert students(reading) == WHOLE, number
            assert reading.complete, number
            assert len(service.asked) > REQUESTS or mishap in ("short", "repeat", "circle", "total"), number


LASTING: Mapping[str, tuple[Mishap, str]] = {
    "always busy": (
        always("students", "503"),
        "503 Service Unavailable: failure, Come back later, server_busy (tried 3",
    ),
    "always silent": (always("orgs", "silence"), "no answer in time (tried 3 times)"),
    "in a circle": (always("students", "circle"), "/students: the pages go round in a circle"),
    "the page before again": (always("students", "repeat"), "came twice"),
    "too few schools": (always("orgs", "total"), "/orgs: 3 records came, and X-Total-Count says 4"),
    "too few classes": (always("classes", "total"), "/classes: 3 records came, and X-Total-Count says 4"),
    "redirects for ever": (always("students", "307"), "redirects again and again"),
}


@pytest.mark.parametrize(("mishap", "words"), LASTING.values(), ids=LASTING)
def test_a_fault_that_stays(mishap: Mishap, words: str) -> None:
    """What does not pass ends the read with what was seen, after a few tries."""
    with school(mishap=mishap) as service, pytest.raises(SourceError) as refused:
        read(service)
    assert words in refused.value.message
    assert len(service.asked) < 3 * REQUESTS


def test_a_count_of_students_that_never_fits() -> None:
    """Students are read all the same when the count says that one more exists, but nobody can be missing."""
    with school(mishap=always("students", "total")) as service:
        reading = read(service)
        assert students(reading) == WHOLE
    assert not reading.complete
    assert "67 records came, and X-Total-Count says 68" in reading.findings[0].detail
    assert service.collections().count("students") == 14


def test_a_token_that_expires_in_the_middle() -> None:
    """A 401 is answered with one new token, and the read goes on."""
    with school(auth="oauth2", mishap=once(5, "expired")) as service:
        assert students(read(service)) == WHOLE
    assert service.tokens == 2


def test_a_token_that_is_never_taken() -> None:
    """A service that refuses every token is not asked for ever."""
    with school(auth="oauth2", mishap=always("students", "expired")) as service:
        with pytest.raises(SourceError, match=r"401 Unauthorized.*has expired"):
            read(service)
        assert [method for method, _, _, _ in service.asked] == ["POST", "GET", "POST", "GET"]


def test_a_token_endpoint_that_fails() -> None:
    """The token is asked for again like everything else."""
    with school(auth="oauth2", mishap=once(1, "503")) as service:
        assert students(read(service)) == WHOLE


def test_credentials_stay_with_their_service() -> None:
    """Neither a redirect nor a next page takes a request, or its credentials, to another host."""
    for mishap in ("away", "next away"):
        with (
            school() as other,
            school(mishap=once(2, mishap), elsewhere=f"{other.url}/students") as service,
            pytest.raises(SourceError, match="sends the reader on"),
        ):
            read(service)
        assert other.asked == []


@pytest.mark.parametrize(
    ("elsewhere", "told"),
    [
        ("http://[of-no-kind/", "on to an address that is none,"),
        ("http://127.0.0.1:99999/", "on to an address that is none,"),
        ("http://me:my-own-password@other.example/", "on to other.example,"),
        ("file:///etc/passwd", "on to nowhere,"),
    ],
)
def test_a_next_page_nowhere(elsewhere: str, told: str) -> None:
    """An address that is none, or holds somebody's password, is refused like another host, and told without it."""
    with (
        school(mishap=once(2, "next astray"), elsewhere=elsewhere) as service,
        pytest.raises(SourceError, match=told) as refused,
    ):
        read(service)
    assert "my-own-password" not in str(refused.value)


@pytest.mark.parametrize("secret", ["", "a token", "token\n", "\ufefftoken", "tok\u00e9\u4e2d"])
def test_a_token_that_is_none(secret: str) -> None:
    """A token with signs that no token has is refused before anything is sent, and never shown."""
    with school() as service, pytest.raises(ConfigError, match="holds signs that no token has") as refused:
        read(service, secret=secret)
    assert not secret or secret not in str(refused.value)
    assert service.asked == []


def test_a_client_secret_in_any_script() -> None:
    """A client's secret may have any sign: it is sent as UTF-8 (RFC 7617, section 2.1), and refused in words."""
    with school(auth="oauth2") as service, pytest.raises(SourceError, match="Unknown client"):
        read(service, secret="gehe\u00efm-\u4e2d")


def test_waiting_as_long_as_asked() -> None:
    """Retry-After is honoured, in seconds and as a date; what is longer than patience ends the read."""
    waited: list[float] = []
    with school(mishap=once(3, "503 Mon, 02 Mar 2026 08:00:02 GMT")) as service:
        assert students(read(service, sleep=waited.append)) == WHOLE
    with school(mishap=once(3, "429 1")) as service:
        assert students(read(service, sleep=waited.append)) == WHOLE
    with school(mishap=once(3, "429 3")) as service, pytest.raises(SourceError, match="429"):
        read(service, sleep=waited.append)
    assert waited == [2.0, 1.0]


@pytest.mark.parametrize("mishap", ["drip", "drip head", "drip chunk", "503"])
def test_a_whole_read_has_a_budget(mishap: str) -> None:
    """However the service spends the time, the read ends within its limit."""
    begun = time.monotonic()
    with school(mishap=always("orgs", mishap)) as service, pytest.raises(SourceError) as refused:
        read(service, Patience(connect=1, read=1, backoff=0.3, tries=1000), timeout=timedelta(seconds=1))
    assert time.monotonic() - begun < 3
    assert ("503" if mishap == "503" else "longer than 0:00:01") in refused.value.message


@pytest.mark.parametrize("mishap", ["drip head", "drip chunk", "drip"])
def test_a_page_that_drips_holds_no_thread_for_ever(mishap: str) -> None:
    """Also the thread that fetches ends, soon after nobody waits for it, so that a service may run for years."""
    with school(mishap=always("orgs", mishap)) as service:
        with pytest.raises(SourceError, match="longer than"):
            read(service, Patience(connect=1, read=0.4, backoff=0.1, tries=1), timeout=timedelta(seconds=1))
        until = time.monotonic() + 4
        while any(one.name == "oneroster" for one in threading.enumerate()):
            assert time.monotonic() < until
            time.sleep(0.02)


def test_nothing_is_waited_for_once_the_read_is_refused() -> None:
    """A page fetched ahead that does not come holds nobody up."""

    def mishap(number: int, _: str) -> str:
        return "no object" if number == 1 else "silence"

    begun = time.monotonic()
    with school(mishap=mishap) as service, pytest.raises(SourceError, match="no JSON object"):
        read(service, Patience(read=5))
    assert time.monotonic() - begun < 2


def test_nobody_listens() -> None:
    """A service that is not there is named with the system's reason."""
    with school() as service:
        at = connect(service)
    sis = SisSettings(connection=at)
    source = oneroster_rest_source(
        sis, SchoolSettings(), TOKEN, Times(lambda: NOW, time.monotonic, time.sleep), IMPATIENT
    )
    with pytest.raises(SourceError, match=r"students: connection refused \(tried 3 times\)"):
        source.open(DAY)


def test_a_service_is_left_in_peace_after_a_page_that_cannot_be() -> None:
    """Few pages are fetched ahead, so that one that is refused ends the traffic."""
    with school(mishap=always("students", "no object")) as service, pytest.raises(SourceError):
        read(service, page_size=2)
    assert len(service.asked) <= 3


def test_links_behind_the_last_page() -> None:
    """An empty page is the end, whatever it links to, and whatever the service answers to that."""

    def on(number: int, collection: str) -> str:
        return ("500" if number > 8 else "on") if collection == "students" else ""

    with school(mishap=on) as service:
        reading = read(service, sis={"columns": {"classes": ()}})
        assert [one.sis_code for one in students(reading)] == [one.sis_code for one in WHOLE]
        assert reading.complete


def test_no_name_is_in_any_message() -> None:
    """A record that breaks the read is named by its key, never by the person."""
    with school(mishap=always("students", "repeat")) as service, pytest.raises(SourceError) as refused:
        read(service)
    assert not any(one.family in str(refused.value) for one in PEOPLE)


def test_tls(authority: Authority, certificate: tuple[Path, Path]) -> None:
    """A certificate is believed where its authority is named, and else not, nor one for another name."""
    with school(certificate=certificate) as service:
        assert students(read(service, ca_file=authority.file)) == WHOLE
        with pytest.raises(SourceError, match="not trusted: unable to get local issuer"):
            read(service)
    with (
        school(certificate=authority.sign("elsewhere", ("DNS:elsewhere.example",))) as service,
        pytest.raises(SourceError, match="not trusted: IP address mismatch"),
    ):
        read(service, ca_file=authority.file)
    assert service.asked == []
    with (
        school(certificate=certificate) as service,
        pytest.raises(SourceError, match="authority's file cannot be read"),
    ):
        read(service, ca_file=Path("nowhere.pem"))


def test_a_next_page_that_forgot_about_tls(authority: Authority, certificate: tuple[Path, Path]) -> None:
    """A service behind a proxy that names its next page http:// is asked over TLS all the same."""
    with school(certificate=certificate) as service:
        service.elsewhere = f"http://127.0.0.1{PATHS['1.2']}/students"
        service.mishap = always("students", "next away")
        assert students(read(service, ca_file=authority.file)) == WHOLE


JSON: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the words of 1.2": ({"preferredFirstName": "Annie", "preferredLastName": "S"}, {"preferred_given": "Annie"}),
    "the words of the CSV": ({"preferredGivenName": "Annie"}, {"preferred_given": "Annie"}),
    "enabledUser as text": ({"enabledUser": "false"}, {"status": "inactive"}),
    "enabledUser as a boolean": ({"enabledUser": False}, {"status": "inactive"}),
    "a number for the code": ({"identifier": 12345}, {"sis_code": "12345"}),
    "one grade without a list": ({"grades": "10"}, {"year_level": "10"}),
    "several grades": ({"grades": ["09", "10"]}, {"year_level": "9", "year_level_raw": "09,10"}),
    "nulls": ({"middleName": None, "email": None, "grades": None}, {"middle": "", "year_level": ""}),
    "a property beyond the standard": ({"metadata": {"homeRoom": "7A"}}, {"homegroup": "7A"}),
    "an id of the directory": ({"userIds": [{"type": "LDAP", "identifier": "ann1"}]}, {"network_login": "ann1"}),
    "role dates that are over": (
        {"roles": [{"role": "student", "org": {"sourcedId": "s1"}, "endDate": "2026-01-01"}]},
        {"status": "left"},
    ),
    "roles in two schools, the primary first": (
        {
            "roles": [
                {"roleType": "secondary", "role": "student", "org": {"sourcedId": "s2"}},
                {"roleType": "primary", "role": "student", "org": {"sourcedId": "s1"}},
            ]
        },
        {"campuses": ("Senior School", "Junior School")},
    ),
    "a school that is not among the orgs": (
        {"roles": [{"role": "student", "org": {"sourcedId": "s9"}}]},
        {"campuses": ("s9",)},
    ),
    "a bare id for an org": ({"roles": [{"role": "student", "org": "s2"}]}, {"campuses": ("Junior School",)}),
}
SOME = {"homegroup": ("metadata.homeRoom",), "network_login": ("userIds:LDAP", "username")}


@pytest.mark.parametrize(("facts", "expected"), JSON.values(), ids=JSON)
def test_what_json_means(facts: dict[str, Any], expected: dict[str, Any]) -> None:
    """Records as the standard has them, and as services really write them."""
    records = oneroster_records("1.2", PEOPLE[:2])
    records["students"][0].update(facts)
    records["students"][1]["metadata"] = {"homeRoom": "12C"}
    with OneRoster(records) as service:
        found = students(read(service, sis={"columns": SOME, "sis_code_from": "identifier"}))
    (ann,) = [one for one in found if one.legal_family == "Smith"]
    assert {name: getattr(ann, name) for name in expected} == expected


@pytest.mark.parametrize("header", ["userIds", "userids", "user_ids", "User Ids"])
def test_the_ids_of_a_user_are_there_where_they_are_asked_for(header: str) -> None:
    """The column userIds is read however its name is spelt, and not made where nothing reads it."""
    records = oneroster_records("1.2", PEOPLE[:1])
    records["students"][0]["userIds"] = [{"type": "LDAP", "identifier": "ann1"}]
    with OneRoster(records) as service:
        (ann,) = students(read(service, sis={"columns": {"homegroup": (header,)}}))
    assert ann.homegroup == "{LDAP:ann1}"


def test_who_is_no_student_is_left_out() -> None:
    """Filters of services are not trusted: a teacher among the students gets no account."""
    records = oneroster_records("1.2", PEOPLE[:2])
    records["students"][0]["roles"] = [{"role": "teacher", "org": {"sourcedId": "s1"}}]
    with OneRoster(records) as service:
        assert [one.sis_code for one in students(read(service))] == ["S-2"]


def test_half_a_character_is_a_rejected_row() -> None:
    """What no text can be is refused by row, named by the record's key."""
    records = oneroster_records("1.2", PEOPLE[:2])
    records["students"][0]["givenName"] = "An\ud83d"
    with OneRoster(records) as service:
        reading = read(service)
        (reject, _) = map(reading.student, reading.rows())
    assert (reject.place, reject.sis_code) == ("users:u1", "0009130")
    assert "half a character" in reject.detail
