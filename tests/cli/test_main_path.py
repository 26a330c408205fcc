"""From an export to accounts and back, one command after the other, each as a person types it."""

import json

from tests.services.school import row


def _export(run) -> list[dict]:
    return json.loads(run("accounts", "export", "--format", "json").out)


def _after_a_term(school) -> None:
    """Amelia Quillfeather has another name, Alaric has left, Orla is new."""
    school.write(
        [
            row("S1", "Amelia", "Zephyr", email="amelia.q@mail.example", campus="North"),
            row("S2", "Alaric", "Quillfeather", status="left"),
            row("S3", "Bodhi", "Nguyen-Ashworth", email="bodhi.n@mail.example"),
            row("S10", "Zoë", "Brontë", middle_name="Wilhelmina", preferred_name="Zozo", email="zoe.b@mail.example"),
            row("S11", "Orla", "Brontë"),
        ]
    )


def test_plan_apply_look_and_undo(school, run):
    """A plan writes nothing, apply does it, the run is in the record, undo brings back what was before."""
    assert run("sync").code == 0
    before = _export(run)
    _after_a_term(school)
    planned = run("plan", "-o", "plan.json")
    assert (planned.code, _export(run)) == (0, before)
    assert "Apply it: trackone apply plan.json" in planned.out
    applied = run("apply", "plan.json")
    assert (applied.code, applied.out.splitlines()[0]) == (0, "Run 2: 3 changes applied.")
    now = {one["sis_code"]: one for one in _export(run)}
    assert {code: one["username"] for code, one in now.items()} == {
        "S1": "azephyr", "S2": "aquillfeather2", "S3": "bnguyenashworth", "S10": "zbronte", "S11": "obronte",
    }  # fmt: skip
    assert [code for code, one in now.items() if one["archived"]] == ["S2"]
    runs = json.loads(run("runs", "list", "--format", "json").out)
    assert [(one["run"], one["command"]) for one in runs] == [(2, "apply"), (1, "sync")]
    assert "rename" in run("runs", "show", "2").out
    shown = run("runs", "undo", "2")
    assert (shown.code, shown.err) == (0, "Undo run 2 now? Not without --apply.\n")
    assert _export(run) == list(now.values())
    assert run("runs", "undo", "2", "--apply").code == 0
    assert _export(run) == before


def test_a_plan_is_applied_once(run):
    """The second apply of one plan says which run did it and does nothing."""
    run("plan", "-o", "plan.json")
    run("apply", "plan.json")
    again = run("apply", "plan.json")
    assert (again.code, again.out) == (0, "Already applied as run 1; nothing was done.\n")


def test_apply_rest_leaves_the_rows_that_drifted(synced, run):
    """A plan with a drifted row is refused whole; with --apply-rest the others are done and that one named."""
    _after_a_term(synced)
    run("plan", "-o", "plan.json")
    run("accounts", "roles", "S1", "--add", "Student Portal", "--apply")
    refused = run("apply", "plan.json")
    assert refused.code == 4
    assert "S1: the account was changed since the plan was made" in refused.err
    done = run("apply", "plan.json", "--apply-rest")
    assert done.code == 0
    assert "left: S1: the account was changed since the plan was made" in done.out
    assert {one["sis_code"]: one["username"] for one in _export(run)}["S1"] == "aquillfeather"


def test_sync_does_it_in_one_go(run):
    """A dry run shows and writes nothing, sync does it, a second sync finds nothing to do."""
    assert "4 accounts to create" in run("sync", "--dry-run").out
    assert _export(run) == []
    assert run("sync").out.startswith("Run 1. 4 accounts created.\n")
    assert run("sync").out == "Run 2. Nothing had to change. 4 unchanged.\n"


def test_sync_leaves_renames_to_people(synced, run):
    """What a schedule may not rename, `rename` shows and with --apply does."""
    _after_a_term(synced)
    assert run("sync").code == 0
    assert "azephyr" in run("rename", "S1").out
    assert run("rename", "S1", "--apply").code == 0
    assert run("accounts", "show", "S1").out.startswith("azephyr\n")


def test_why_tells_one_persons_story(run_again):
    """Row, rule, names, holder and last runs, for a code as for a username."""
    said = run_again("why", "S2")
    assert said.code == 0
    assert said.out == run_again("why", "aquillfeather2").out
    for part in ("students.csv:3", "aquillfeather ", "held by Student S1", "rule:default", "new in the SIS"):
        assert part in said.out


def test_the_day_decides_who_is_here(school, run):
    """--as-of judges entry and exit dates by another day."""
    school.write([row("S1", "Ann", "Early"), row("S2", "Bea", "Late", exit_date="2030-01-28")])
    assert "2 accounts to create" in run("plan", "--as-of", "2030-01-28").out
    assert "1 account to create" in run("plan", "--as-of", "2030-01-29").out


def test_accept_lets_one_refusal_pass(synced, run):
    """Everybody leaving is refused with the code to accept; accepting it, by one word or several, does it."""
    synced.write([row(f"S{number}", "Amelia", "Quillfeather", status="left") for number in (1, 2, 3, 10)])
    refused = run("sync")
    assert (refused.code, refused.err.count("max-archives")) == (3, 1)
    assert run("sync", "--accept", "max-archives", "empty-read").code == 0
    assert {one["archived"] for one in _export(run)} == {True}


def test_a_variable_stands_above_the_file(school, run, monkeypatch):
    """TRACKONE__SECTION__KEY is the key of that section; one that names no key is refused with the nearest."""
    school.write([row("S1", "Ann", "Early")])
    (school.folder / "students.csv").rename(school.folder / "other.csv")
    monkeypatch.setenv("TRACKONE__SIS__PATH", "other.csv")
    assert "1 account to create" in run("plan").out
    monkeypatch.setenv("TRACKONE__SIS__PAHT", "other.csv")
    refused = run("plan")
    assert (refused.code, "did you mean TRACKONE__SIS__PATH?" in refused.err) == (2, True)


def test_undo_can_be_undone(synced, run):
    """Undoing an undo gives the accounts of the run again, and each undo names the run it undid."""
    before = _export(run)
    assert run("runs", "undo", "1", "--apply").code == 0
    assert _export(run) == []
    assert run("runs", "undo", "2", "--apply").code == 0
    assert _export(run) == before
    runs = json.loads(run("runs", "list", "--format", "json").out)
    assert [one["undoes"] for one in runs] == [2, 1, None]
    assert f"{len(before)} unchanged" in run("plan").out
    assert synced.plan().changes == ()
