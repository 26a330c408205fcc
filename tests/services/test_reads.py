"""What an applied plan remembers of the read behind it, and what it must not."""

import pytest

from connector.domain.errors import PlanError
from connector.planning.plan_file import seal, unseal
from tests.services.school import OVERWRITE, School, codes, row

ROWS = [row(f"S{n}", f"Ann{chr(97 + n % 26)}", f"Fam{chr(97 + n // 26)}") for n in range(60)]
RULES = OVERWRITE.replace("overwrite = true", 'overwrite = true\nmissing = "archive"\nmissing_reads = 3')


@pytest.fixture
def school(tmp_path):
    """A school of sixty, synchronised once, that archives who is missing from three reads."""
    school = School(tmp_path, RULES)
    school.write(ROWS)
    school.sync()
    return school


def missing_reads(school, code="S0"):
    """How many reads in a row lack the student."""
    with school.built().store.view() as accounts:
        (known,) = accounts.students_by_code([code.lower()])
        return known.sighting.missing_reads


def test_two_plans_made_of_one_read_count_once(school):
    """Two plans that were both made before one was applied are no two reads of who is missing."""
    school.write(ROWS[1:])
    first, second = school.plan(), school.plan()
    school.apply(first)
    school.apply(second)
    assert missing_reads(school) == 1
    school.sync()
    assert missing_reads(school) == 2


def test_a_plan_made_before_another_was_applied_is_no_further_read(school):
    """Plans applied in any order: the older read comes too late."""
    school.write(ROWS[1:])
    first, second = school.plan(), school.plan()
    school.apply(second)
    school.apply(first)
    assert missing_reads(school) == 1


def test_an_overtaken_read_brings_nobody_back(school):
    """A student the newer read lacks is not seen because an older plan still shows them."""
    before = school.plan()
    school.write(ROWS[1:])
    school.pass_time(seconds=1)
    school.sync()
    school.apply(before)
    assert missing_reads(school) == 1
    assert ("missing-from-sis", "S0") in codes(school.plan())


def test_an_overtaken_plan_still_gives_accounts(school):
    """Its changes are done, and who got an account counts in the baseline: the next run sees no shrink."""
    newcomer = row("S90", "Zoe", "Zed")
    school.write([*ROWS, newcomer])
    older = school.plan()
    school.write([*ROWS, {**newcomer, "email": "zoe@school.example"}])
    school.pass_time(seconds=5)
    held = school.plan()
    school.apply(held)
    assert "S90" in school.accounts()
    with pytest.raises(PlanError, match="stale"):
        school.apply(older)
    plan = school.plan()
    assert plan.refused == ()
    assert plan.inputs["store"]["baseline"] == 61


def test_a_clock_that_was_wrong_once_makes_no_later_read_old(school):
    """A run dated in the future does not keep the plans of the years until then from counting."""
    school.pass_time(days=4000)
    school.sync()
    school.pass_time(days=-3999)
    school.write(ROWS[1:])
    school.apply(school.plan())
    assert missing_reads(school) == 1
    school.apply(school.plan())
    assert missing_reads(school) == 2


def test_an_incomplete_read_leaves_the_count_as_it_is(school):
    """A plan of a file that was cut says nothing of those it does not show."""
    school.write(ROWS[1:])
    school.apply(school.plan())
    assert missing_reads(school) == 1
    path = school.folder / "students.csv"
    path.write_text(path.read_text("utf-8").rstrip()[:-20], encoding="utf-8")
    plan = school.plan()
    assert plan.inputs["sis"]["complete"] is False
    school.apply(plan)
    assert missing_reads(school) == 1
    school.write(ROWS[1:])
    school.sync()
    assert missing_reads(school) == 2


@pytest.mark.parametrize("do", ["sync", "plan"])
def test_the_directorys_own_id_is_learned_of_accounts_that_do_not_change(tmp_path, do):
    """A directory that comes later is linked without a change; a key that is lost afterwards loses nobody."""
    school = School(tmp_path, OVERWRITE)
    school.write([row("S1", "Amelia", "Smith")])
    school.sync()
    text = (tmp_path / "connector.toml").read_text("utf-8")
    directory = '[directory]\nurl = "ldif:d.ldif"\ntype = "active-directory"\n'
    (tmp_path / "connector.toml").write_text(text + directory, "utf-8")
    entry = (
        "dn: CN=Amelia,DC=x\nobjectClass: user\nsAMAccountName: asmith\nuserAccountControl: 512\n"
        "objectGUID:: AAECAwQFBgcICQoLDA0ODw==\n"
    )
    (tmp_path / "d.ldif").write_text(f"{entry}employeeID: S1\n\n", "utf-8")
    school.rules(OVERWRITE)
    if do == "sync":
        school.sync()
    else:
        plan = school.plan()
        key = school.built().store.plan_key()
        school.apply(unseal(seal(plan, key), key, "plan.json"))
    with school.built().store.view() as accounts:
        (account,) = accounts.find("S1")
        assert account.stable_id == "03020100-0504-0706-0809-0a0b0c0d0e0f"
        assert account.version == 1
    assert school.sync().plan.counts.unchanged == 1
