"""One student, one entry, one difference: which findings there are, and which there are not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.domain.alignment import Alignment, Share
from connector.domain.entry import Completeness, DirectoryEntry, DirectoryRead
from connector.domain.finding import Finding, finding
from connector.domain.limits import DirectoryRules
from connector.domain.student import Status
from connector.planning.align import align
from connector.planning.align_people import Others, Person

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
YEAR_7 = "OU=Year 7,OU=Students,DC=school,DC=example"
RULES = DirectoryRules(policy="report", year_ou="OU=Year {year},OU=Students", leavers_ou="OU=Leavers")


def days(count: float) -> timedelta:
    """A span of days."""
    return timedelta(days=count)


def person(**fields: Any) -> Person:
    """Amelia Smith of Year 7, whose account is asmith."""
    amelia = {"sis_code": "S1", "username": "asmith", "given": "Amelia", "family": "Smith", "year_level": "7"}
    return Person(**(amelia | {"email": "asmith@school.example"} | fields))


def entry(login: str = "asmith", key: str = "S1", **fields: Any) -> DirectoryEntry:
    """Amelia Smith's healthy network account."""
    healthy = {
        "dn": f"CN={login},{YEAR_7}",
        "upn": f"{login}@school.example",
        "mail": "asmith@school.example",
        "given": "Amelia",
        "family": "Smith",
        "last_sign_in": NOW - days(1),
        "created": NOW - days(400),
    }
    return DirectoryEntry(login=login, key=key, **(healthy | fields))


def aligned(
    people: list[Person],
    entries: list[DirectoryEntry],
    others: Others | None = None,
    rules: DirectoryRules = RULES,
    completeness: Completeness | None = None,
    **more: Any,
) -> Alignment:
    """The alignment of these people with these entries."""
    proof = completeness or Completeness(kind="active-directory", entries=len(entries))
    return align(people, DirectoryRead(tuple(entries), proof), others or Others(), rules, NOW, **more)


def codes(alignment: Alignment) -> list[str]:
    """The codes found, in order."""
    return [found.code for found in alignment.findings]


# -- primary status ----------------------------------------------------------------------------------------

UNKEYED = entry(key="")
STATUSES = [
    ("equal", person(), [entry()], []),
    ("key with blanks and another case", person(), [entry(key=" s1 ")], []),
    ("another case", person(), [entry("ASmith")], ["case-differs"]),
    ("blank after", person(), [entry("asmith ", upn="")], ["whitespace-differs"]),
    ("blank before, another case", person(), [entry(" ASmith", upn="")], ["whitespace-differs"]),
    ("an accent", person(username="zoe"), [entry("zoë")], ["fold-differs"]),
    ("a Cyrillic letter", person(username="asmith"), [entry("аsmith")], ["fold-differs"]),
    ("another name", person(), [entry("amelia.smith")], ["username-differs"]),
    ("no login at all", person(), [entry("", upn="")], ["username-differs"]),
    ("the login of a stranger", person(), [entry(key="S2")], ["login-belongs-to-another"]),
    (
        "the login of a stranger, an own entry elsewhere",
        person(),
        [entry(key="S2"), entry("asmith2")],
        ["login-belongs-to-another"],
    ),
    (
        "two entries with the login, one a stranger's",
        person(),
        [entry(), entry(key="S2", dn="CN=other")],
        ["login-belongs-to-another", "duplicate-username"],
    ),
    ("nobody", person(), [], ["missing-in-directory"]),
    (
        "nobody of that name",
        person(),
        [entry("bjones", "", given="Bo", family="Jones")],
        ["orphan-in-directory", "missing-in-directory"],
    ),
    ("deleted", person(), [entry(deleted=True)], ["deleted-in-directory"]),
    ("deleted and made anew", person(), [entry(deleted=True, dn="CN=gone"), entry()], []),
    (
        "deleted without its key, remembered by id",
        person(stable_id="id-1"),
        [entry(key="", deleted=True, stable_id="id-1")],
        ["deleted-in-directory"],
    ),
    (
        "deleted without its key, its login and name are the student's",
        person(),
        [entry(key="", deleted=True, dn="CN=x\\0ADEL:1,CN=Deleted Objects,DC=school")],
        ["deleted-in-directory"],
    ),
    (
        "deleted without its key, of another name",
        person(),
        [entry(key="", deleted=True, family="Jones", display="")],
        ["missing-in-directory"],
    ),
    ("another's entry was deleted", person(), [entry(key="S2", deleted=True)], ["missing-in-directory"]),
    ("unkeyed, login and name agree", person(), [UNKEYED], ["key-missing"]),
    ("unkeyed, login in another case", person(), [entry("ASmith", "")], ["case-differs", "key-missing"]),
    (
        "unkeyed, the legal name agrees",
        person(given="Millie", family="Smyth", legal_given="Amelia", legal_family="Smith"),
        [UNKEYED],
        ["key-missing"],
    ),
    ("unkeyed, apostrophe and accent", person(family="O'Brién"), [entry(key="", family="OBrien")], ["key-missing"]),
    (
        "unkeyed, name only displayed",
        person(),
        [entry(key="", given="", family="", display="Smith, Amelia")],
        ["key-missing"],
    ),
    (
        "unkeyed, name only displayed, given first",
        person(),
        [entry(key="", given="", family="", display="Amelia Smith")],
        ["key-missing"],
    ),
    ("unkeyed, another family name", person(), [entry(key="", family="Jones")], ["matched-by-name-only"]),
    ("unkeyed, another initial", person(), [entry(key="", given="Bo")], ["matched-by-name-only"]),
    ("unkeyed, no name", person(), [entry(key="", given="", family="")], ["matched-by-name-only"]),
    ("unkeyed, another login, the name agrees", person(), [entry("ameliasm", "")], ["matched-by-name-only"]),
    (
        "unkeyed, linked earlier",
        person(stable_id="id-1"),
        [entry("asmith2", "", stable_id="id-1")],
        ["username-differs", "key-missing"],
    ),
    ("no username", person(username=""), [entry()], ["no-username"]),
    ("no username, no entry", person(username=""), [], ["no-username"]),
]


@pytest.mark.parametrize(
    ("amelia", "entries", "expected"), [row[1:] for row in STATUSES], ids=[row[0] for row in STATUSES]
)
def test_the_primary_status(amelia: Person, entries: list[DirectoryEntry], expected: list[str]) -> None:
    """Each way a username can stand to the network has its code, and only that."""
    found = aligned([amelia], entries, Others(known=("S2",)))
    assert codes(found) == expected
    counted = found.by_code["matched"] + found.by_code.get("case-differs", 0)
    assert found.matched == counted
    assert sum(1 for code in expected if code in PRIMARY) + found.by_code["matched"] == 1


PRIMARY = {
    "case-differs",
    "fold-differs",
    "whitespace-differs",
    "username-differs",
    "login-belongs-to-another",
    "matched-by-name-only",
    "no-username",
    "missing-in-directory",
    "deleted-in-directory",
}


def test_the_username_equal_to_a_strangers_login_is_shown_with_that_entry() -> None:
    """The most dangerous finding names the login's owner and the student's own login."""
    (found, _) = (
        aligned([person()], [entry(key=" S2 ", dn="CN=theirs"), entry("asmith2")], Others(known=["S2"])).findings,
        None,
    )
    assert found[0] == finding(
        "login-belongs-to-another",
        sis_code="S1",
        username="asmith",
        login="asmith",
        dn="CN=theirs",
        detail="asmith is the network login of S2",
        suggestion="Give all accounts their students' own logins at once, swaps included "
        "(trackone align --renames FILE); or correct the key in the directory."
        " The student's own login is asmith2.",
    )


def test_a_missing_username_is_told_with_mappings_reason() -> None:
    """Why there is no username, and what the network already has, stand together."""
    nameless = person(username="", refusal="the family name is empty", remedy="Fill in the family name in the SIS.")
    (found,) = aligned([nameless], [entry()]).findings
    assert found.detail == "the family name is empty"
    assert found.suggestion == "Fill in the family name in the SIS. The network login is asmith."
    assert found.username is None


@pytest.mark.parametrize(
    ("amelia", "entries", "confidence"),
    [
        (person(), [entry(key="", family="Jones")], 0.3),
        (person(), [entry(key="", given="", family="")], 0.6),
        (person(), [entry("x", "")], 0.7),
        (person(), [entry("x", ""), entry("y", "")], 0.4),
        (person(), [entry("asmith")], None),
    ],
)
def test_a_guess_says_how_sure_it_is(amelia: Person, entries: list[DirectoryEntry], confidence: float | None) -> None:
    """Only guesses carry a confidence, and doubtful ones a lower."""
    found = [one for one in aligned([amelia], entries).findings if one.code == "matched-by-name-only"]
    assert [one.confidence for one in found] == ([] if confidence is None else [confidence])


def test_an_unkeyed_entry_goes_to_whom_it_fits_best() -> None:
    """Of two students of one name the one whose username is the login gets the entry; the other gets nothing."""
    twins = [person(sis_code="S2", username="asmith2"), person()]
    assert codes(aligned(twins, [entry(key="")])) == ["key-missing", "missing-in-directory"]


def test_a_name_shared_by_two_students_is_a_weaker_guess() -> None:
    """Two students of one name and one unkeyed entry: both are shown it, neither is sure."""
    found = aligned([person(username="a1"), person(sis_code="S2", username="a2")], [entry("x", "")]).findings
    assert [(one.code, one.confidence) for one in found] == [("matched-by-name-only", 0.4)] * 2


# -- the student's own account -----------------------------------------------------------------------------

STATE = [
    ({"enabled": False}, ["disabled"]),
    ({"locked": True}, ["locked"]),
    ({"expires": NOW}, ["expired"]),
    ({"expires": NOW + timedelta(seconds=1)}, ["expires-soon"]),
    ({"expires": NOW + days(14)}, ["expires-soon"]),
    ({"expires": NOW + days(14) + timedelta(seconds=1)}, []),
    ({"expires": None}, []),
    ({"password_expired": True}, ["password-expired"]),
    ({"password_not_required": True}, ["password-not-required"]),
    ({"last_sign_in": NOW - days(90)}, []),
    ({"last_sign_in": NOW - days(91)}, ["stale-login"]),
    ({"last_sign_in": NOW - days(91), "enabled": False}, ["disabled"]),
    ({"last_sign_in": None, "created": NOW - days(91)}, ["stale-login"]),
    ({"last_sign_in": None, "created": NOW - days(89)}, []),
    ({"last_sign_in": None, "created": None}, []),
    ({"mail": "other@school.example"}, ["mail-differs"]),
    ({"mail": "ASmith@School.example"}, []),
    ({"mail": ""}, []),
    ({"upn": "a.smith@school.example"}, ["upn-differs"]),
    ({"upn": "ASMITH@school.example"}, []),
    ({"upn": "asmith"}, ["upn-differs"]),
    ({"upn": ""}, []),
    ({"dn": "CN=x,OU=Year 8,OU=Students,DC=school,DC=example"}, ["wrong-year-ou"]),
    ({"dn": "CN=x,OU=Students,DC=school,DC=example"}, ["wrong-year-ou"]),
    ({"dn": "CN=x,ou=year 07, OU=students,DC=school,DC=example"}, []),
    ({"dn": "CN=x,OU=7A,OU=Year 7,OU=Students,DC=school,DC=example"}, []),
    ({"dn": r"CN=Smith\, Amelia,OU=Year 7,OU=Students,DC=school,DC=example"}, []),
    ({"dn": r"CN=Smith\, Amelia,OU=Year 8,OU=Students,DC=school,DC=example"}, ["wrong-year-ou"]),
    ({"dn": "CN=x\\"}, []),
    ({"dn": "CN=x,OU=2026,OU=Leavers,DC=school,DC=example"}, ["leavers-ou-but-active"]),
    ({"dn": "CN=Leavers,OU=Year 7,OU=Students,DC=school,DC=example"}, []),
    ({"enabled": False, "locked": True, "expires": NOW - days(9)}, ["disabled", "locked", "expired"]),
]

USED = entry("other", "S9", last_sign_in=NOW)


@pytest.mark.parametrize(("fields", "expected"), STATE)
def test_the_state_of_the_students_own_account(fields: dict[str, Any], expected: list[str]) -> None:
    """What would keep an active student from signing in, or lies in the wrong place, is told; nothing else is."""
    found = aligned([person()], [entry(**fields), USED], Others(known=["S9"]))
    assert codes(found) == expected
    assert found.matched == 1
    for one in found.findings:
        assert (one.sis_code, one.username, one.login) == ("S1", "asmith", "asmith")
        assert one.detail
        assert one.suggestion
        assert (one.confidence is not None) == (one.code == "stale-login")


def test_nothing_is_stale_where_the_directory_keeps_no_count() -> None:
    """Without a single sign-in in the whole read nobody is said never to have signed in."""
    assert codes(aligned([person()], [entry(last_sign_in=None)])) == []


def test_the_state_of_a_guess_or_a_stranger_is_not_told() -> None:
    """Whether somebody else's account is locked is no finding about the student."""
    guess = entry("x", "", locked=True, enabled=False, upn="y@x")
    stranger = entry(key="S2", locked=True, enabled=False)
    assert codes(aligned([person()], [guess])) == ["matched-by-name-only"]
    assert codes(aligned([person()], [stranger], Others(known=["S2"]))) == ["login-belongs-to-another"]


@pytest.mark.parametrize(
    ("fields", "pattern", "place", "expected"),
    [
        ({"cohort": 2031}, "OU={cohort}", "OU=2031", []),
        ({"cohort": 2031}, "OU={cohort}", "OU=2030", ["wrong-year-ou"]),
        ({"cohort": None}, "OU={cohort}", "OU=2030", []),
        ({"intake": 2026}, "OU=In {intake}", "OU=In 2025", ["wrong-year-ou"]),
        ({"intake": None}, "OU=In {intake}", "OU=In 2025", []),
        ({"year_level": "P"}, "OU=Year {year}", "OU=Prep", []),
        ({"year_level": "P"}, "OU=Year {year}", "OU=Year Prep", []),
        ({"year_level": ""}, "OU=Year {year}", "OU=Year 8", []),
        ({"year_level": "10"}, "OU=Year {year}", "OU=Year 10", []),
        ({"year_level": "1"}, "OU=Year {year}", "OU=Year 10", ["wrong-year-ou"]),
        ({}, "OU=Pupils", "OU=Pupils", []),
        ({}, "OU=Pupils", "OU=Staff", ["wrong-year-ou"]),
        ({}, "", "OU=Anywhere", []),
    ],
)
def test_the_place_of_an_account(fields: dict[str, Any], pattern: str, place: str, expected: list[str]) -> None:
    """Years, cohorts and intakes are compared where they are known numbers; nothing is guessed."""
    rules = DirectoryRules(policy="report", year_ou=pattern)
    assert codes(aligned([person(**fields)], [entry(dn=f"CN=x,{place},DC=school")], rules=rules)) == expected


def test_a_year_level_that_is_a_word_has_its_unit_where_the_directory_has_one() -> None:
    """A student of Prep in the unit of Year 3 is told where somebody lies in a unit for Prep, in whatever words."""
    prep = entry("other", "S9", dn="CN=y,OU=Year Prep,DC=school")
    here = person(year_level="P")
    rules = DirectoryRules(policy="report", year_ou="OU=Year {year}")
    away = entry(dn="CN=x,OU=Year 3,DC=school")
    assert codes(aligned([here], [away, prep], Others(known=["S9"]), rules=rules)) == ["wrong-year-ou"]
    assert codes(aligned([here], [away], rules=rules)) == []


@pytest.mark.parametrize(
    ("day", "place", "expected"),
    [
        ((2026, 1, 20), "OU=Year 6", []),
        ((2026, 1, 20), "OU=Year 8", []),
        ((2025, 12, 20), "OU=Year 8", []),
        ((2026, 1, 20), "OU=Year 9", ["wrong-year-ou"]),
        ((2026, 1, 29), "OU=Year 6", ["wrong-year-ou"]),
        ((2026, 6, 1), "OU=Year 6", ["wrong-year-ou"]),
    ],
)
def test_about_new_year_the_years_beside_will_do(day: tuple[int, int, int], place: str, expected: list[str]) -> None:
    """While the SIS and the directory move up, an account may lie with the year before or after."""
    rules = DirectoryRules(policy="report", year_ou="OU=Year {year}")
    read = DirectoryRead((entry(dn=f"CN=x,{place},DC=school", last_sign_in=None),), Completeness(entries=1))
    assert codes(align([person()], read, Others(), rules, datetime(*day, 12, tzinfo=UTC))) == expected


def test_the_suffixes_the_school_names_stand_above_the_directorys() -> None:
    """With [directory] upn_suffixes only those are right, written with the @ or without."""
    rules = DirectoryRules(policy="report", upn_suffixes=("@SCHOOL.example",))
    read = DirectoryRead(
        (entry(), entry("b", "S2", upn="b@school.test")), Completeness(entries=2), suffixes=("school.test",)
    )
    people = [person(), person(sis_code="S2", username="b")]
    found = align(people, read, Others(), rules, NOW).findings
    assert [(one.code, one.sis_code) for one in found] == [("upn-differs", "S2")]


def test_where_few_sign_ins_are_known_nobody_is_said_never_to_have_signed_in() -> None:
    """An old account without a sign-in is stale only where most accounts show one; an old sign-in always is."""
    people = [person(sis_code=f"S{n}", username=f"u{n}", email="") for n in range(5)]
    old = [entry(f"u{n}", f"S{n}", created=NOW - days(500), last_sign_in=None, upn="") for n in range(5)]
    old[0] = old[0]._replace(last_sign_in=NOW - days(300))
    assert codes(aligned(people, old)) == ["stale-login"]
    most = [one._replace(last_sign_in=NOW) if n in (1, 2, 3) else one for n, one in enumerate(old)]
    assert [one.sis_code for one in aligned(people, most).findings] == ["S0", "S4"]


def test_where_upns_are_not_made_from_logins_nobodys_differs() -> None:
    """A school whose sign-in addresses are all of another form gets no findings; a list of suffixes still counts."""
    people = [person(sis_code=f"S{n}", username=f"u{n}", email="") for n in range(30)]
    entries = [entry(f"u{n}", f"S{n}", upn=f"first.last{n}@school.example") for n in range(30)]
    assert codes(aligned(people, entries)) == []
    read = DirectoryRead(tuple(entries), Completeness(entries=30), suffixes=("school.test",))
    assert set(codes(align(people, read, Others(), RULES, NOW))) == {"upn-differs"}


@pytest.mark.parametrize(
    ("login", "kind", "expected"),
    [
        ("a" * 20, "active-directory", []),
        ("a" * 21, "active-directory", ["login-too-long"]),
        ("a" * 21, "openldap", []),
        ("a" * 21, "", ["login-too-long"]),
        ("a" * 63 + "@school.example", "active-directory", []),
        ("a" * 64 + "@school.example", "active-directory", ["login-too-long"]),
        ("a@" + "b" * 112, "active-directory", ["login-too-long"]),
        ("a+b", "active-directory", ["login-has-forbidden-characters"]),
        ("a/b", "active-directory", ["login-has-forbidden-characters"]),
        ("a\tb", "active-directory", ["login-has-forbidden-characters"]),
        ("a.b.", "active-directory", ["login-has-forbidden-characters"]),
        ("a+b", "openldap", []),
        ("a.b-c_d'e", "active-directory", []),
    ],
)
def test_logins_active_directory_cannot_have(login: str, kind: str, expected: list[str]) -> None:
    """Length and signs are judged by Active Directory's limits, and only there."""
    entries = [entry(login, dn=f"CN=x,{YEAR_7}", upn="")]
    assert codes(aligned([person(username=login)], entries, completeness=Completeness(kind=kind))) == expected


def test_a_username_too_long_for_the_network_is_told_before_there_is_an_entry() -> None:
    """A proposed username no network account can ever have is found before the account is made."""
    long = person(username="a" * 21, proposed=True)
    assert codes(aligned([long], [])) == ["missing-in-directory", "login-too-long"]


# -- one name, one person ----------------------------------------------------------------------------------


def test_two_entries_with_one_key() -> None:
    """The key is told once with every DN; the entry that matches is the student's, else the first by DN."""
    both = [entry("asmith2", dn="CN=a," + YEAR_7), entry(dn="CN=b," + YEAR_7)]
    (found,) = aligned([person()], both).findings
    assert (found.code, found.sis_code, found.dn) == ("duplicate-key-in-directory", "S1", "CN=a," + YEAR_7)
    assert found.detail == f"2 entries carry this key: CN=a,{YEAR_7}; CN=b,{YEAR_7}"
    assert codes(aligned([person(username="x")], both)) == ["username-differs", "duplicate-key-in-directory"]


def test_a_key_of_many_entries_is_told_in_short() -> None:
    """A junk key that everybody carries does not fill the report."""
    many = [entry(f"u{n}", "0", dn=f"CN={n}") for n in range(9)]
    found = [one for one in aligned([], many).findings if one.code == "duplicate-key-in-directory"]
    assert [one.detail for one in found] == ["9 entries carry this key: CN=0; CN=1; CN=2; CN=3; CN=4 and 4 more"]


def test_a_code_the_sis_gives_twice() -> None:
    """The code is told with its places."""
    (found,) = aligned([], [], Others(duplicates={"S1": "students.csv:2 and 9"})).findings
    assert (found.code, found.sis_code) == ("duplicate-key-in-sis", "S1")
    assert "students.csv:2 and 9" in (found.detail or "")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("zoe", "zoë", ["duplicate-username", "duplicate-username"]),
        ("zoe", "ZOE", ["duplicate-username", "duplicate-username"]),
        ("zoe", "zoe2", []),
    ],
)
def test_two_students_with_one_username(first: str, second: str, expected: list[str]) -> None:
    """Usernames equal but for case and accents are told to both students."""
    people = [person(username=first), person(sis_code="S2", username=second)]
    found = codes(aligned(people, []))
    assert [code for code in found if code != "missing-in-directory"] == expected


def test_a_username_refused_because_a_fellow_student_has_it() -> None:
    """Two students for whom the SIS has one network login are both told, also the one who got no username."""
    people = [person(), person(sis_code="S2", username="", wanted="ASmith")]
    found = aligned(people, [entry()]).findings
    assert [(one.code, one.sis_code, one.username) for one in found] == [
        ("duplicate-username", "S1", "asmith"),
        ("no-username", "S2", None),
        ("duplicate-username", "S2", "ASmith"),
    ]


@pytest.mark.parametrize(
    ("amelia", "collides"),
    [
        (person(proposed=True), True),
        (person(proposed=True, username="ASMÍTH"), True),
        (person(username="", wanted="asmith"), True),
        (person(), False),
        (person(proposed=True, username="asmith2"), False),
    ],
)
def test_a_proposed_username_somebody_else_has(amelia: Person, *, collides: bool) -> None:
    """A new account's name that a staff account holds is told with the holder; an existing account's is not."""
    others = Others(usernames={"asmith": "the Staff account T12"})
    found = [one for one in aligned([amelia], [], others).findings if one.code == "proposed-username-collides"]
    assert bool(found) == collides
    assert all("held by the Staff account T12" in (one.detail or "") for one in found)


@pytest.mark.parametrize(
    ("username", "login", "key", "collides"),
    [
        ("zoe", "zoë", "S2", True),
        ("zoë", "zoe", "S2", True),
        ("zoe", "zoë", "S1", False),
        ("zoe", "zoë", "", False),
        ("zoe", "zoey", "S2", False),
    ],
)
def test_a_proposed_username_that_looks_like_another_login(
    username: str, login: str, key: str, *, collides: bool
) -> None:
    """Active Directory takes two logins that differ only by accents for one, so such a name is no free name."""
    found = aligned([person(username=username, proposed=True)], [entry(login, key)], Others(known=["S2"]))
    assert ("proposed-username-collides" in codes(found)) == collides


def test_a_login_that_two_entries_have() -> None:
    """A login in two branches is told with both DNs, when it is a student's."""
    twice = [entry(), entry(key="", dn="CN=again,DC=school")]
    found = [one for one in aligned([person()], twice).findings if one.code == "duplicate-username"]
    assert [(one.sis_code, one.login) for one in found] == [("S1", "asmith")]
    assert "CN=again,DC=school" in (found[0].detail or "")
    nobodys = [entry("svc", "", dn="CN=1"), entry("svc", "", dn="CN=2")]
    assert "duplicate-username" not in codes(aligned([], nobodys))


def test_a_wish_that_is_another_persons_login() -> None:
    """Whoever got no username because the only one is another person's login is told which entry has it."""
    found = aligned([person(username="", wanted="asmith")], [entry(key="S2")], Others(known=["S2"]))
    assert codes(found) == ["no-username", "proposed-username-collides"]
    assert "the network login of S2" in (found.findings[1].detail or "")


def test_codes_are_told_as_the_sis_spells_them() -> None:
    """A code that the directory writes otherwise is told so that it can be found in the SIS."""
    others = Others(statuses={"S1": Status.LEFT, "S2": Status.LEFT})
    twice = [entry(key=" s1"), entry("b", "s2 ", dn="CN=b"), entry("c", "s2", dn="CN=c", enabled=False)]
    found = [(one.code, one.sis_code) for one in aligned([], twice, others).findings]
    assert set(found) == {
        ("left-but-enabled", "S1"),
        ("left-but-enabled", "S2"),
        ("duplicate-key-in-directory", "S2"),
    }


# -- the other way round -----------------------------------------------------------------------------------

LEFT = Others(statuses={"S1": Status.LEFT})


@pytest.mark.parametrize(
    ("entries", "others", "expected"),
    [
        ([entry()], LEFT, ["left-but-enabled"]),
        ([entry()], Others(statuses={"S1": Status.INACTIVE}), ["left-but-enabled"]),
        ([entry(enabled=False)], LEFT, []),
        ([entry(deleted=True)], LEFT, []),
        ([entry()], Others(statuses={"S1": Status.FUTURE}), []),
        ([entry()], Others(statuses={"S1": Status.UNKNOWN}), []),
        ([entry()], Others(statuses={"S1": Status.ACTIVE}), []),
        ([entry()], Others(archived=[" s1"]), ["left-but-enabled"]),
        ([entry()], Others(archived=["S1"], statuses={"S1": Status.ACTIVE}), []),
        ([entry()], Others(known=["S1"]), []),
        ([entry()], Others(), ["orphan-in-directory"]),
        ([entry(enabled=False)], Others(), ["orphan-in-directory"]),
        ([entry(key="")], Others(), ["orphan-in-directory"]),
        ([entry(key="")], Others(accounts=["ASmith"]), []),
        ([entry(deleted=True), entry(key="", deleted=True)], Others(), []),
    ],
)
def test_accounts_nobody_of_the_population_answers_for(
    entries: list[DirectoryEntry], others: Others, expected: list[str]
) -> None:
    """Leavers who can still sign in and accounts of nobody known are told; everybody else is left in peace."""
    assert codes(aligned([], entries, others)) == expected


def test_only_an_unkeyed_orphan_is_a_guess() -> None:
    """A key that nobody has is a fact; an entry without key might still be somebody's."""
    found = aligned([], [entry(), entry("b", "", enabled=False)]).findings
    assert [(one.sis_code, one.confidence) for one in found] == [(None, 0.5), ("S1", None)]
    assert (found[0].detail or "").endswith("; the account is disabled")


def test_a_returning_student_is_no_leaver() -> None:
    """An active student with an archived account is in the population, so the enabled login is right."""
    assert codes(aligned([person(proposed=True)], [entry()], Others(archived=["S1"]))) == []


# -- what the read is worth --------------------------------------------------------------------------------

CUT = Completeness(complete=False, reason="the file was cut", entries=9)


def test_an_incomplete_read_lists_nothing_that_rests_on_absence() -> None:
    """Missing, deleted, guessed and orphaned entries are not told from half a directory; what was seen is."""
    people = [
        person(),
        person(sis_code="S2", username="missing"),
        person(sis_code="S3", username="guess"),
        person(sis_code="S4", username="gone"),
        person(sis_code="S5", username="eve", family="Unkeyed"),
        person(sis_code="S6", username="differs"),
    ]
    entries = [
        entry(locked=True),
        entry("x", "", given="A", family="B"),
        entry("gone", "S4", deleted=True),
        entry("guess", "", given="", family="Else"),
        entry("eve", "", given="Amelia", family="Unkeyed"),
        entry("else", "S6"),
        entry("orphan", "S99"),
        entry("left", "S98"),
    ]
    others = Others(statuses={"S98": Status.LEFT})
    whole = aligned(people, entries, others)
    assert {"missing-in-directory", "matched-by-name-only", "deleted-in-directory", "key-missing"} <= set(
        codes(whole)
    )
    assert "orphan-in-directory" in codes(whole)
    cut = aligned(people, entries, others, completeness=CUT)
    assert codes(cut) == ["incomplete-read", "locked", "username-differs", "left-but-enabled"]
    assert (cut.students, cut.matched) == (6, 2)
    assert cut.findings[0].detail == "directory: the file was cut"


def test_a_directory_that_shrank_counts_as_incomplete() -> None:
    """Far fewer entries than last time is told as such, and nobody is called missing."""
    found = aligned([person()], [], completeness=Completeness(entries=80), last_entries=100, max_shrink=10.0)
    assert codes(found) == ["suspicious-shrink"]
    assert not found.completeness.complete
    found = aligned([person()], [], completeness=Completeness(entries=90), last_entries=100, max_shrink=10.0)
    assert codes(found) == ["missing-in-directory"]


def test_an_incomplete_sis_read_makes_no_orphans() -> None:
    """Nobody's account is called nobody's while rows of the SIS are missing; other findings stay."""
    entries = [entry("x", "S9"), entry("y", "", family="Jones")]
    assert codes(aligned([person()], entries, Others(complete=False))) == ["missing-in-directory"]


def test_further_findings_are_reported_and_counted() -> None:
    """Facts of the SIS read appear beside the directory's."""
    more: list[Finding] = [finding("rejected-row", sis_code="S0", detail="students.csv:3")]
    found = aligned([person()], [entry()], findings=more)
    assert codes(found) == ["rejected-row"]
    assert found.by_code == {"rejected-row": 1, "matched": 1}


# -- counts ------------------------------------------------------------------------------------------------


def test_the_match_is_counted_by_year_and_campus() -> None:
    """Students without a username count as students; years stand in their order."""
    people = [
        person(year_level="10", campus="West"),
        person(sis_code="S2", username="x", year_level="7", campus="East"),
        person(sis_code="S3", username="", year_level="7", campus="East"),
        person(sis_code="S4", username="CASE", year_level="P", campus="East"),
    ]
    entries = [entry(dn="CN=1,OU=Year 10,OU=Students"), entry("case", "S4", dn="CN=4")]
    found = aligned(people, entries)
    assert (found.students, found.matched, found.match_rate, found.directory_entries) == (4, 2, 0.5, 2)
    assert list(found.by_year.items()) == [("P", Share(1, 1)), ("7", Share(0, 2)), ("10", Share(1, 1))]
    assert list(found.by_campus.items()) == [("East", Share(1, 3)), ("West", Share(1, 1))]
    assert sum(found.by_code.values()) == len(found.findings) + found.by_code["matched"]


def test_nobody_and_nothing() -> None:
    """An empty school aligns with an empty directory."""
    found = aligned([], [])
    assert (found.students, found.matched, found.match_rate, found.findings) == (0, 0, 0.0, ())
