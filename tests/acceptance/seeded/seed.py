"""Put faults into a healthy school, and around the students everything else a directory holds."""

from copy import deepcopy

from tests.acceptance.seeded.faults import FAULTS, HARMLESS, OF_THE_ENTRY, SURELY_THEIRS, Fault
from tests.acceptance.seeded.school import Account, Case, Entry, Found, Habits, School, healthy

STAFF, EXAMS = ("Staff", "Students", "School"), ("Exams", "Students", "School")


def seeded_school(habits: Habits, students: int, seed: int) -> School:
    """A school of so many students, a third of them with something wrong; every fault that fits occurs."""
    school = healthy(habits, students, seed)
    waiting = list(FAULTS)
    for place in range(len(school.cases)):
        luck = school.draw.random()
        if waiting and luck < 0.6:
            done = _first(school, place, waiting)
            waiting = [fault for fault in waiting if fault is not done]
        elif luck < 0.3:
            _first(school, place, [school.draw.choice(FAULTS)])
        elif luck > 0.8:
            _first(school, place, [school.draw.choice(HARMLESS)])
    for case in school.cases:
        if {one.code for one in case.truth} and {one.code for one in case.truth} <= SURELY_THEIRS:
            _beside(school, case)
    _everything_else(school)
    return school


def _first(school: School, place: int, faults: list[Fault]) -> Fault | None:
    """The first of the faults that fits the student, once it is done."""
    for fault in () if school.cases[place].truth else faults:
        kept = deepcopy(school.cases[place])
        others, accounts, extra = len(school.others), len(school.accounts), len(school.extra)
        if fault(school.cases[place], school):
            return fault
        school.cases[place] = kept
        del school.others[others:], school.accounts[accounts:], school.extra[extra:]
    return None


def _beside(school: School, case: Case) -> None:
    """Something more that is wrong with a student of whose entry there is no doubt."""
    if case.entry.login and len(case.entries) == 1:
        fault = school.draw.choice(OF_THE_ENTRY)
        entry, truth = deepcopy(case.entry), list(case.truth)
        if not fault(case, school):
            case.entries[0], case.truth = entry, truth


def _everything_else(school: School) -> None:
    """Rooms, staff, machines, groups, exam and service accounts."""
    for number in range(1, 4):
        school.others.append(Entry(f"Library {number}", STAFF, f"library{number}", display="", upn=""))
        school.extra.append(Found("orphan-in-directory", f"library{number}"))
        name = f"q.quartermaine{number}"
        school.accounts.append(Account(name, f"E9{number}", "Staff", "Quentin", f"Quartermaine-{number}"))
        school.others.append(
            Entry(f"Quentin {number}", STAFF, name, "", "Quentin", f"Quartermaine-{number}", f"{name}@school.test")
        )
        pupil = school.cases[number].pupil
        exams = Entry(f"Exam {pupil.code}", EXAMS, f"exam{number}", pupil.code, pupil.given, pupil.family)
        school.others.append(exams)
        school.others.append(Entry(f"Service {number}", STAFF, f"svc{number}", description="service of the library"))
        school.others.append(Entry(f"Parent {number}", STAFF, "", "", "Pat", "Parent", kind="contact"))
        school.others.append(Entry(f"Club {number}", STAFF, f"club{number}", kind="group"))
    if school.habits.active_directory:
        school.others.append(Entry("PC-7", STAFF, "PC-7$", kind="computer"))
        school.others.append(Entry("Gone Long Ago", STAFF, "gone.long.ago", states=("deleted",)))
