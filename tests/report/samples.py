"""An invented school for the reports: few rows, every kind of them."""

from collections import Counter
from datetime import UTC, date, datetime

from connector.domain.account import Account, UserType
from connector.domain.alignment import (
    Alignment,
    AlignmentRecord,
    Apply,
    FindingKey,
    Fix,
    NewName,
    Share,
    Trend,
    finding_key,
)
from connector.domain.entry import Completeness
from connector.domain.finding import Finding, finding
from connector.domain.plan import Action, Change, Counts, GuardLine, Plan, Skip
from connector.domain.run import Outcome, Run

SCHOOL = "Riverside College"
AS_OF = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, 14, tzinfo=UTC)

AMELIA = Account("asmith", "S0123", family_name="Smith", given_names="Amelia", year_level="7", campus="North")
AMELIA = AMELIA._replace(roles=("Student Security",), email="amelia.smith@riverside.example")
ZOE = Account(
    "zgarcia", "S0007", family_name="García-Núñez", given_names="Zoë", year_level="12", roles=("Student Portal",)
)
NOAH = Account("nrahman", "S0042", family_name="Rahman", given_names="Noah", year_level="P")
LAYLA = Account("lhaddad", "S0311", family_name="حداد", given_names="ليلى", year_level="9", archived=True)
WILLIAM = Account("wng", "S1000", family_name="Ng", given_names="William", year_level="10")

NAMES = {"S0123": "Amelia Smith", "S0007": "Zoë García-Núñez", "S0042": "Noah Rahman", "S0311": "ليلى حداد"}

CHANGES = (
    Change(Action.CREATE, None, AMELIA, (), ("the SIS has the student, TrackOne has not",)),
    Change(
        Action.UPDATE,
        ZOE,
        ZOE._replace(family_name="García", roles=("Student Portal", "Student Security")),
        ("family_name", "roles"),
        ("the SIS says García", "rule Seniors grants Student Security"),
    ),
    Change(
        Action.RENAME,
        NOAH,
        NOAH._replace(username="noah.rahman"),
        ("username",),
        ("given.surname is the method now",),
    ),
    Change(Action.ARCHIVE, WILLIAM, WILLIAM._replace(archived=True), ("archived",), ("left on 27 February 2026",)),
    Change(Action.RESTORE, LAYLA, LAYLA._replace(archived=False), ("archived",), ("is back since 2 March 2026",)),
)

SKIPS = (
    Skip("S0200", "not-active", "left on 12 December 2025"),
    Skip("S0201", "empty-username", "the e-mail is empty", "Fill in the e-mail in the SIS"),
    Skip("S0202", "username-taken", "jlee is held by Jo Lee (Staff)", "trackone accounts release jlee"),
)

FINDINGS: tuple[Finding, ...] = (
    finding("case-differs", sis_code="S0123", username="asmith", login="ASmith"),
    finding(
        "username-differs",
        sis_code="S0007",
        username="zgarcia",
        login="zgarcianunez",
        dn="CN=Zoë García,OU=Year 12,OU=Students,DC=riverside,DC=example",
        detail="key S0007 has the login zgarcianunez",
        suggestion="trackone rename S0007",
    ),
    finding(
        "left-but-enabled",
        sis_code="S1000",
        login="wng",
        dn="CN=William Ng,OU=Year 10,OU=Students,DC=riverside,DC=example",
        detail="left on 27 February 2026",
        suggestion="Disable the login",
    ),
    finding("missing-in-directory", sis_code="S0042", username="nrahman", suggestion="Create the login nrahman"),
    finding("rejected-row", detail="users.csv:14: 1/05/2026 is not a date like 2026-05-01"),
    finding("duplicate-email", sis_code="S0311", username="lhaddad", detail="also S0312: layla@riverside.example"),
    finding("orphan-in-directory", login="test.user", dn="CN=Test User,OU=Students,DC=riverside,DC=example"),
    finding("matched-by-name-only", sis_code="S0010", username="jlee", login="jlee", confidence=0.6),
)

COMPLETENESS = Completeness(
    source="ldif:export.ldif",
    kind="active-directory",
    bases=("OU=Students,DC=riverside,DC=example",),
    filter="(objectClass=user)",
    entries=1310,
    pages=2,
    excluded=14,
)

ALIGNMENT = Alignment(
    students=1204,
    directory_entries=1310,
    matched=1161,
    by_code={"matched": 1100, **Counter(one.code for one in FINDINGS)},
    completeness=COMPLETENESS,
    findings=FINDINGS,
    by_year={"10": Share(180, 200), "7": Share(204, 204), "P": Share(0, 12), "": Share(3, 4)},
    by_campus={"North": Share(700, 720), "South": Share(461, 484)},
    by_unit={
        "": Share(0, 12),
        "OU=Year 10,OU=Students,DC=riverside,DC=example": Share(180, 200),
        "OU=Year 9,OU=Students,DC=riverside,DC=example": Share(204, 204),
    },
    fixes=(
        Fix(
            "CN=Zoë García,OU=Year 12", "login", "zgarcianunez", "zgarcia", Apply.CHOOSE, "username-differs", "S0007"
        ),
        Fix("CN=William Ng,OU=Year 10", "enabled", "TRUE", "FALSE", Apply.YES, "left-but-enabled", "S1000"),
    ),
    new_names=(NewName("S0007", "zgarcia", "zgarcianunez"),),
    trend=Trend(
        (
            AlignmentRecord(NOW, date(2026, 2, 2), 1190, 1120, 1290, {"matched": 1100}),
            AlignmentRecord(NOW, date(2026, 2, 9), 1200, 1140, 1300, {"matched": 1130}),
        ),
        new=frozenset(map(finding_key, FINDINGS[:2])),
        gone=(FindingKey("disabled", "S0042"), FindingKey("orphan-in-directory", "#0123456789abcdef")),
    ),
)

CAMPUSES = {"S0123": "North", "S0007": "North", "S0042": "South"}

COUNTS = Counts(create=31, update=12, rename=1, archive=6, unchanged=1150, skip=4)

GUARD = (
    GuardLine("max-archives", 6, 120, 1204, refused=False),
    GuardLine("max-renames", 1, 60, 1204, refused=False),
    GuardLine("empty-read", 1150, 1, 1204, refused=False),
)

PLAN = Plan(
    created_at=NOW,
    changes=CHANGES,
    skips=SKIPS,
    findings=FINDINGS[:6],
    guard=GUARD,
    counts=COUNTS,
    inputs={
        "sis": {
            "source": "oneroster.zip",
            "rows": 1204,
            "rejected": 1,
            "complete": True,
            "warnings": ["column Shoe Size is not used"],
        },
        "directory": {"source": "ldif:export.ldif", "policy": "report", "entries": 1310},
        "store": {"claimed": 1181},
    },
    fingerprint="5f2c" * 16,
)

REFUSED = Plan(
    created_at=NOW,
    changes=CHANGES,
    guard=(
        GuardLine("max-archives", 312, 120, 1204, refused=True),
        GuardLine("max-renames", 90, 60, 1204, refused=True, accepted=True),
        GuardLine("mapping-changed", 1, 0, 1, refused=False, detail="the mapping differs from the one last applied"),
    ),
    counts=Counts(archive=312, unchanged=892),
)

UNDO = Plan(
    created_at=NOW,
    changes=(Change(Action.REMOVE, AMELIA, None, (), ("made by run 7, not used since",)),),
    counts=Counts(remove=1),
    kind="undo",
    undoes=7,
)

RUNS = [
    Run(9, NOW, NOW, "undo", "cli", "sam", {"remove": 2}, undoes=7),
    Run(8, NOW, None, "sync", "schedule", "root", {}),
    Run(
        7,
        NOW,
        NOW,
        "apply",
        "console",
        "sam",
        {"create": 2, "archive": 1, "unchanged": 1200},
        ("max-archives",),
        "5f2c" * 16,
    ),
]

OUTCOMES = [Outcome(7, place, change) for place, change in enumerate(CHANGES)]

ACCOUNTS = [
    AMELIA._replace(external_ids=(("entra", "8b1f"),)),
    LAYLA._replace(archived_by="sync"),
    Account("jlee", family_name="Lee", given_names="Jo", user_type=UserType.STAFF, approved=False, locked_out=True),
]
