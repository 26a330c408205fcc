"""The SIS export of the invented school: a OneRoster 1.2 CSV bulk export in a zip, the same bytes every time."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_DNS, uuid5

from connector.demo.people import JUNIOR, SENIOR, Person, campus_of

COLLEGE_ORG = "org-riverside"
ORGS = {JUNIOR: "org-junior", SENIOR: "org-senior"}
IDENTIFIERS = {JUNIOR: "JC", SENIOR: "SC"}
CLASS_SIZE = 26
SUBJECTS = {"ENG": "English", "MAT": "Mathematics"}
STAMP = (2026, 3, 11, 5, 0, 0)

FILES = {
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,"
    "subjects,subjectCodes",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate",
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
    "userProfileSourcedId",
    "users": "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,"
    "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns",
}
"""The header of each file present, as the 1.2 CSV binding fixes it."""

ABSENT = (
    "categories",
    "classResources",
    "courseResources",
    "demographics",
    "lineItemLearningObjectiveIds",
    "lineItems",
    "lineItemScoreScales",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "scoreScales",
    "userProfiles",
    "userResources",
)
TERMS = (
    (date(2026, 1, 27), date(2026, 4, 2)),
    (date(2026, 4, 20), date(2026, 6, 26)),
    (date(2026, 7, 13), date(2026, 9, 18)),
    (date(2026, 10, 6), date(2026, 12, 11)),
)
SCHOOL_YEAR = "sy-2026"

Row = Sequence[str]


class Pupil(NamedTuple):
    """A student's row of the export: the person, and what the SIS keeps of login and e-mail.

    `number` tells rows apart, since two rows may carry one code.
    """

    person: Person
    login: str
    email: str
    number: int


class Teacher(NamedTuple):
    """A member of staff as the SIS has them."""

    code: str
    given: str
    family: str
    login: str


def write(path: Path, pupils: Sequence[Pupil], teachers: Sequence[Teacher]) -> None:
    """Write the zip: the manifest, then every file with its header, one member each with a fixed time."""
    classes = _homegroups(pupils)
    rows: dict[str, Iterable[Row]] = {
        "academicSessions": _sessions(),
        "classes": _classes(classes),
        "courses": _courses(),
        "enrollments": _enrollments(classes, teachers),
        "orgs": _orgs(),
        "roles": _roles(pupils, teachers),
        "users": _users(pupils, teachers),
    }
    with zipfile.ZipFile(path, "w") as archive:
        _add(archive, "manifest", "propertyName,value", _manifest())
        for name, header in FILES.items():
            _add(archive, name, header, rows[name])


def _add(archive: zipfile.ZipFile, name: str, header: str, rows: Iterable[Row]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header.split(","))
    writer.writerows(rows)
    member = zipfile.ZipInfo(f"{name}.csv", STAMP)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3  # Unix everywhere, or Windows would write other bytes
    member.external_attr = 0o644 << 16
    archive.writestr(member, text.getvalue().encode())


def _manifest() -> Iterator[Row]:
    yield "manifest.version", "1.0"
    yield "oneroster.version", "1.2"
    for name in sorted((*FILES, *ABSENT), key=str.lower):
        yield f"file.{name}", "bulk" if name in FILES else "absent"
    yield "source.systemName", "Riverside Student Information"
    yield "source.systemCode", "RSI"


def _id(kind: str, of: object) -> str:
    return str(uuid5(NAMESPACE_DNS, f"{of}.{kind}.sis.riverside.example"))


def grade(year: int) -> str:
    """The year level in the codes of the binding (CEDS): KG, then 01 to 12."""
    return f"{year:02d}" if year else "KG"


def _orgs() -> Iterator[Row]:
    yield COLLEGE_ORG, "", "", "Riverside College", "district", "RC", ""
    for campus, org in ORGS.items():
        yield org, "", "", campus, "school", IDENTIFIERS[campus], COLLEGE_ORG


def _sessions() -> Iterator[Row]:
    yield SCHOOL_YEAR, "", "", "2026", "schoolYear", str(TERMS[0][0]), str(TERMS[-1][1]), "", "2026"
    for number, (start, end) in enumerate(TERMS, 1):
        yield f"t{number}-2026", "", "", f"Term {number}", "term", str(start), str(end), SCHOOL_YEAR, "2026"


def _courses() -> Iterator[Row]:
    for year in range(13):
        org = ORGS[campus_of(year)]
        label = f"Year {year}" if year else "Prep"
        for code, title in (("HG", "Home group"), *SUBJECTS.items()):
            name = f"{label} {title}"
            yield f"c-{year}-{code}", "", "", SCHOOL_YEAR, name, f"{year}{code}", grade(year), org, title, code


def _homegroups(pupils: Sequence[Pupil]) -> dict[tuple[int, int], list[Pupil]]:
    """The students in school today by year level and the number of their home group."""
    groups: dict[tuple[int, int], list[Pupil]] = {}
    seen: dict[int, int] = {}
    for pupil in pupils:
        year = pupil.person.year
        if pupil.person.here:
            place = seen[year] = seen.get(year, -1) + 1
            groups.setdefault((year, place // CLASS_SIZE), []).append(pupil)
    return dict(sorted(groups.items()))


def group_letters(number: int) -> str:
    """A, B ... Z, AA, AB ..."""
    return (group_letters(number // 26 - 1) if number >= 26 else "") + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 26]


def _classes(groups: dict[tuple[int, int], list[Pupil]]) -> Iterator[Row]:
    terms = ",".join(f"t{number}-2026" for number in range(1, len(TERMS) + 1))
    for year, number in groups:
        code, org = f"{year or 'P'}{group_letters(number)}", ORGS[campus_of(year)]
        yield (f"g-{code}", "", "", code, grade(year), f"c-{year}-HG", code, "homeroom", "", org, terms, "", "", "")
        for subject, title in SUBJECTS.items():
            fields = (
                f"{code} {title}",
                grade(year),
                f"c-{year}-{subject}",
                f"{code}-{subject}",
                "scheduled",
                "",
                org,
            )
            yield (f"g-{code}-{subject}", "", "", *fields, terms, title, subject, "")


def _enrollments(groups: dict[tuple[int, int], list[Pupil]], teachers: Sequence[Teacher]) -> Iterator[Row]:
    for at, ((year, number), pupils) in enumerate(groups.items()):
        code, org = f"{year or 'P'}{group_letters(number)}", ORGS[campus_of(year)]
        for step, name in enumerate((f"g-{code}", *(f"g-{code}-{subject}" for subject in SUBJECTS))):
            teacher = teachers[(at + step) % len(teachers)]
            yield f"e-{name}-t", "", "", name, org, _id("user", teacher.code), "teacher", "true", "", ""
            for place, pupil in enumerate(pupils):
                user = _id("user", pupil.number)
                yield f"e-{name}-{place}", "", "", name, org, user, "student", "", "", ""


def _users(pupils: Sequence[Pupil], teachers: Sequence[Teacher]) -> Iterator[Row]:
    for pupil in pupils:
        person = pupil.person
        org = ORGS[person.campus]
        names = (person.given, person.family, person.middle, person.code)
        ids = f"{{AD:{pupil.login}}}" if pupil.login else ""
        start = (_id("user", pupil.number), "", "", str(person.enabled).lower(), pupil.login or person.code, ids)
        rest = (pupil.email, "", "", "", grade(person.year), "", "", person.preferred, "", "", org, "")
        yield (*start, *names, *rest)
    for teacher in teachers:
        names = (teacher.given, teacher.family, "", teacher.code)
        email = f"{teacher.login}@riverside.example"
        start = (_id("user", teacher.code), "", "", "true", teacher.login, "")
        yield (*start, *names, email, "", "", "", "", "", "", "", "", "", ORGS[SENIOR], "")


def _roles(pupils: Sequence[Pupil], teachers: Sequence[Teacher]) -> Iterator[Row]:
    for pupil in pupils:
        person, user = pupil.person, _id("user", pupil.number)
        org = ORGS[person.campus]
        if person.earlier:
            begin, end = map(str, person.earlier)
            yield f"r-{pupil.number}-0", "", "", user, "primary", "student", begin, end, org, ""
        end = str(person.end) if person.end else ""
        yield f"r-{pupil.number}", "", "", user, "primary", "student", str(person.begin), end, org, ""
    for teacher in teachers:
        user = _id("user", teacher.code)
        yield f"r-{teacher.code}", "", "", user, "primary", "teacher", "", "", ORGS[SENIOR], ""
