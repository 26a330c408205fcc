"""Health beside the SCIM endpoint."""

import json

from scim_server.wsgi import application
from tests.services.school import School, row


def test_load_balancers_are_answered_without_a_token(tmp_path):
    """Alive and ready, and not ready without a reason when the store cannot be used; metrics are elsewhere."""
    school = School(tmp_path)
    school.write([row("S1", "Amelia", "Quillfeather")])
    school.sync()
    client = application(tmp_path / "connector.toml").test_client()
    assert json.loads(client.get("/healthz").data) == {"alive": True}
    assert json.loads(client.get("/readyz").data) == {"ready": True}
    assert client.get("/metrics").status_code == 404
    assert client.get("/scim/v2/Users").status_code == 401
    (tmp_path / "trackone.db").write_bytes(b"no database " * 1000)
    answer = client.get("/readyz")
    assert (answer.status_code, json.loads(answer.data)) == (503, {"ready": False})
    assert client.get("/healthz").status_code == 200
