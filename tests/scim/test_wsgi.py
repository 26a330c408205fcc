"""The application for servers of one's own."""

import os
import subprocess
import sys

from tests.scim.served import Served

ASK = """
from werkzeug.test import Client
from scim_server.wsgi import app
answer = Client(app).get("/scim/v2/Users", headers={"Authorization": "Bearer " + __import__("os").environ["TOKEN"]})
print(answer.status_code, answer.get_json()["totalResults"])
"""


def test_the_application_is_made_of_the_configuration_the_environment_names(fresh: Served) -> None:
    """`scim_server.wsgi:app` serves the school of TRACKONE_CONFIG, whatever folder the server runs in."""
    environ = {**os.environ, "TRACKONE_CONFIG": str(fresh.folder / "connector.toml"), "TOKEN": fresh.token}
    done = subprocess.run([sys.executable, "-c", ASK], env=environ, capture_output=True, text=True, check=False)
    assert done.stdout == "200 0\n", done.stderr


def test_a_configuration_that_is_wrong_is_named(fresh: Served) -> None:
    """The failure is the one the command line tells, with the file's name."""
    environ = {**os.environ, "TRACKONE_CONFIG": str(fresh.folder / "nowhere.toml"), "TOKEN": "any"}
    done = subprocess.run([sys.executable, "-c", ASK], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "nowhere.toml" in done.stderr
