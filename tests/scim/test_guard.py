"""A client that takes too many of the school's accounts out of use."""

from tests.scim.served import Served, patch

STUDENTS = 60
LEAST = 20


def test_the_21st_deactivation_waits_until_a_person_accepts(fresh: Served) -> None:
    """Twenty pass; then 429 and Retry-After, with a line in the log; after `token accept` it goes on."""
    rows = [f"S{number},Given{number},Family{number},7,active" for number in range(STUDENTS)]
    header = "sis_code,given_names,family_name,year_level,status"
    (fresh.folder / "students.csv").write_text("\n".join([header, *rows]) + "\n", "utf-8")
    fresh.trackone("sync")
    fresh.start()
    ids = [one["id"] for one in fresh("GET", "/Users").told["Resources"]]
    off = patch({"op": "Replace", "path": "active", "value": "False"})
    statuses = [fresh("PATCH", f"/Users/{one}", off).status for one in ids[:LEAST]]
    assert statuses == [200] * LEAST
    held = fresh("PATCH", f"/Users/{ids[LEAST]}", off)
    assert held.status == 429
    assert int(held.headers["Retry-After"]) > 0
    assert fresh("GET", f"/Users/{ids[LEAST]}").told["active"] is True
    assert "trackone token accept entra" in (fresh.folder / "serve.log").read_text("utf-8")
    fresh.trackone("token", "accept", "entra", "--apply")
    assert fresh("PATCH", f"/Users/{ids[LEAST]}", off).status == 200
