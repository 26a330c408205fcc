"""Health and metrics on the console's listener."""

import json
from datetime import timedelta

from connector.bootstrap import build_journal
from connector.console.app import create_app
from connector.settings.load import load_settings
from tests.console.visits import HOST


def _ask(app, path, address="127.0.0.1", **headers):
    environ = {"REMOTE_ADDR": address}
    return app.test_client().get(path, base_url=HOST, environ_overrides=environ, headers=headers)


def _app(school, token="", more=""):
    config = school.folder / "connector.toml"
    config.write_text(config.read_text() + more)
    return create_app(config, {"TOKEN": token}, lambda: school.now)


def test_probes_ask_for_no_sign_in(office, school):
    """Whoever watches from this machine gets all three without a password, and no page of the console."""
    school.sync()
    assert json.loads(_ask(office.app, "/healthz").data) == {"alive": True}
    assert json.loads(_ask(office.app, "/readyz").data) == {"ready": True}
    answer = _ask(office.app, "/metrics")
    assert answer.content_type.startswith("text/plain")
    assert b"trackone_students 4.0" in answer.data


def test_metrics_are_for_this_machine_or_the_token(school):
    """Another machine, and a proxy that hides one, see no numbers without the token of [monitoring]."""
    app = _app(school, "sesame-17", '[monitoring]\ntoken = { env = "TOKEN" }\n')
    bearer = {"Authorization": "Bearer sesame-17"}
    for address, headers, status in (
        ("10.0.0.9", {}, 403),
        ("10.0.0.9", {"Authorization": "Bearer sesame-18"}, 403),
        ("10.0.0.9", {"Authorization": "Basic sesame-17"}, 403),
        ("10.0.0.9", bearer, 200),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.9"}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.9", **bearer}, 200),
        ("::1", {}, 200),
    ):
        assert _ask(app, "/metrics", address, **headers).status_code == status, (address, headers)
    assert _ask(app, "/healthz", "10.0.0.9").status_code == 200


def test_a_store_that_cannot_be_read_is_not_ready(school):
    """The process lives, says why it cannot work to whom it may, and is ready again once the store is."""
    app = _app(school)
    school.sync()
    store = school.folder / "trackone.db"
    kept = store.read_bytes()
    store.write_bytes(b"no database " * 1000)
    try:
        here, there = _ask(app, "/readyz"), _ask(app, "/readyz", "10.0.0.9")
        assert (here.status_code, there.status_code) == (503, 503)
        assert "trackone.db" in here.get_json()["reason"]
        assert there.get_json() == {"ready": False}
        assert _ask(app, "/healthz").status_code == 200
    finally:
        store.write_bytes(kept)
    assert _ask(app, "/readyz").status_code == 200


def test_an_old_run_offers_no_undo_when_its_details_are_gone(operator, school):
    """The page of the run says since when, and has no button that could only fail."""
    school.sync()
    assert "Undo this run" in operator.open("/runs/1").words
    settings = load_settings(school.folder / "connector.toml", {})
    build_journal(settings, lambda: school.now).scrub(school.now + timedelta(days=1), school.now)
    page = operator.open("/runs/1")
    assert "What it changed was removed from the record on 2026-03-02" in page.words
    assert "Undo this run" not in page.words
    assert "Quillfeather" not in page.words
