"""What must hold whatever a school's rows are and however they change."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.mapping.keys import fold_key
from tests.services.school import OVERWRITE, School, row

GIVEN = ["Ann", "Anna", "Änne", "Bo", "An-Li", "O'Ann", "Ána", "Zoë"]
FAMILY = ["Smith", "Smyth", "Śmith", "van der Berg", "Ng", "Søren", "SMITH", "De La Cruz"]
STATUS = ["active", "active", "active", "active", "left", "future", "inactive"]
ALL_AT_ONCE = OVERWRITE.replace(
    "overwrite = true", 'overwrite = true\nrenames = "apply"\nmissing = "archive"\nmissing_reads = 1'
)
OPEN_GUARD = '[guard]\nmax_archives = "100%"\nmax_renames = "100%"\nmax_shrink = "100%"\nmin_population = 100000\n'
ACCEPT = ("max-archives", "max-renames", "max-shrink", "max-rejects")

students = st.builds(
    lambda number, given, family, middle, status, email: row(
        f"S{number}", given, family, middle_name=middle, status=status, email=email
    ),
    st.integers(1, 25),
    st.sampled_from(GIVEN),
    st.sampled_from(FAMILY),
    st.sampled_from(["", "Rose", "Q"]),
    st.sampled_from(STATUS),
    st.sampled_from(["", "a@x.example", "b@x.example"]),
)
rosters = st.lists(students, min_size=1, max_size=25, unique_by=lambda one: one["sis_code"]).map(
    lambda rows: [*rows, row("S99", "Ever", "Present"), row("S98", "Also", "Here")]
)
several = st.lists(rosters, min_size=1, max_size=4)
CALM = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def a_folder() -> TemporaryDirectory:
    """A folder of its own, in memory where the system has one: every run waits for its disk."""
    memory = Path("/dev/shm")  # noqa: S108 - only where to put the folder
    return TemporaryDirectory(dir=memory if memory.is_dir() else None)


def a_school(folder: str, mapping: str = ALL_AT_ONCE) -> School:
    """A school whose guard lets a handful of invented students come and go."""
    return School(Path(folder), mapping, OPEN_GUARD)


def in_step(school: School) -> list:
    """The changes that a plan, which looks at every row anew, still finds."""
    return list(school.plan().changes)


@CALM
@given(several)
def test_after_every_sync_there_is_nothing_left_to_do(reads):
    """A plan after a sync is empty, though a sync passes over rows it knows and a plan looks at all of them."""
    with a_folder() as folder:
        school = a_school(folder)
        for rows in reads:
            school.write(rows)
            school.sync(accept=ACCEPT)
            assert in_step(school) == []


@CALM
@given(several)
def test_no_two_accounts_ever_share_a_username(reads):
    """Usernames are unique under case and diacritic folding, archived accounts included."""
    with a_folder() as folder:
        school = a_school(folder)
        for rows in reads:
            school.write(rows)
            school.sync(accept=ACCEPT)
            names = [fold_key(name) for name in school.usernames().values()]
            assert len(set(names)) == len(names)


@CALM
@given(several, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(reads, random):
    """Two schools that read the same rows in different orders have the same accounts."""
    with a_folder() as one, a_folder() as two:
        first, second = a_school(one), a_school(two)
        for rows in reads:
            first.write(rows)
            second.write(random.sample(rows, len(rows)))
            first.sync(accept=ACCEPT)
            second.sync(accept=ACCEPT)
            assert first.accounts() == second.accounts()


@CALM
@given(several, st.booleans())
def test_undo_gives_back_the_export(reads, by_plan):
    """Undoing every run, the newest first, gives the export before each of them."""
    with a_folder() as folder:
        school = a_school(folder)
        before = []
        for rows in reads:
            before.append(school.accounts())
            school.write(rows)
            if by_plan:
                school.apply(school.plan(), accept=ACCEPT)
            else:
                school.sync(accept=ACCEPT)
        for number in range(len(reads), 0, -1):
            school.undo(number)
            assert school.accounts() == before[number - 1]


@CALM
@given(several)
def test_plan_then_apply_is_what_a_sync_does(reads):
    """The two ways to the same end give the same accounts."""
    with a_folder() as one, a_folder() as two:
        planned, synced = a_school(one), a_school(two)
        for rows in reads:
            planned.write(rows)
            planned.apply(planned.plan(accept=ACCEPT))
            synced.write(rows)
            synced.sync(accept=ACCEPT)
            assert planned.accounts() == synced.accounts()


@CALM
@given(several)
def test_without_overwrite_nothing_existing_changes(reads):
    """With overwrite off a sync only ever adds."""
    with a_folder() as folder:
        school = a_school(folder, '[usernames]\nmethod = "initial_surname"\n[passwords]\nmethod = "none"\n')
        for rows in reads:
            before = school.accounts()
            school.write(rows)
            school.sync(accept=ACCEPT)
            after = school.accounts()
            assert {code: after[code] for code in before} == before


@CALM
@given(rosters, rosters)
def test_an_account_keeps_its_name_whoever_comes_or_goes(first, others):
    """While a student's own row is the same, the username is, whoever else comes, goes or changes."""
    with a_folder() as folder:
        school = a_school(folder)
        school.write(first)
        school.sync(accept=ACCEPT)
        before = school.usernames()
        mine = {one["sis_code"]: one for one in first if one["status"] == "active"}
        school.write([*mine.values(), *(one for one in others if one["sis_code"] not in mine)])
        school.sync(accept=ACCEPT)
        after = school.usernames()
        assert {code: after[code] for code in mine if code in before} == {code: before[code] for code in mine}


@pytest.mark.parametrize("method", ["given_dot_surname", "student_code", "surname_initial", "initials_code"])
def test_a_changed_method_renames_everybody_once(method, tmp_path):
    """A new username method renames in one plan, and the plan after it is empty."""
    school = School(tmp_path, ALL_AT_ONCE, OPEN_GUARD)
    rows = [row(f"S{n}", GIVEN[n % 8], FAMILY[n // 8 % 8], middle_name="Quinn" * (n % 2)) for n in range(64)]
    school.write(rows)
    school.sync(accept=ACCEPT)
    school.rules(ALL_AT_ONCE.replace("initial_surname", method))
    school.apply(school.plan(accept=ACCEPT))
    assert in_step(school) == []
