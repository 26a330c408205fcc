"""A school's endpoint in this process, on a store of its own."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from connector.credentials import password_verifier
from connector.domain.plan import Action, Change
from connector.domain.ports import Credential, RunRequest
from connector.domain.ruleset import RoleRules, RuleSet
from connector.domain.scim import ScimRules
from connector.mapping.roles import student_roles
from connector.planning.scim_roles import ScimRoleBook
from connector.services.provision import Provision
from connector.store.open import Reach, open_desk, open_store
from scim_server.app import create_app
from scim_server.caller import Caller


class OpenGate:
    """Lets everybody in as the client that the header Client names."""

    def admit(self, environ):
        """The caller."""
        scopes = environ.get("HTTP_SCOPES", "read write").split()
        return Caller(environ.get("HTTP_CLIENT", "entra"), "token-1", frozenset(scopes))


class Clock:
    """A clock that moves on by a second each time it is read."""

    def __init__(self):
        """Start on a school day."""
        self.now = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)

    def __call__(self):
        """The next moment."""
        self.now += timedelta(seconds=1)
        return self.now


class School:
    """The endpoint and what stands behind it."""

    def __init__(self, folder, roles=None, rules=None, url=""):
        """Open a store in the folder, or the one at a URL whose key is in the folder."""
        self.clock = Clock()
        self.url = url or f"sqlite:///{folder / 'trackone.db'}"
        reach = Reach(key_file=folder / "trackone.key")
        self.store = open_store(self.url, self.clock, reach)
        role_rules = roles or RoleRules()
        self.provision = Provision(
            desk=open_desk(self.url, self.clock, reach),
            rules=RuleSet(roles=role_rules),
            scim=rules or ScimRules(),
            clock=self.clock,
            credentials=lambda _writer: Credential,
            verifier=password_verifier,
            book=ScimRoleBook(role_rules, student_roles(role_rules)),
            locally=True,
        )
        self.app = create_app(self.provision, OpenGate(), "https://trackone.example/scim/v2")
        self.http = self.app.test_client()

    def __call__(self, method, path, body=None, **headers):
        """One request; the answer with its body as JSON under `data`."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"data": json.dumps(body), "content_type": "application/scim+json"} if body is not None else {}
        answer = self.http.open(f"/scim/v2{path}", method=method, headers=headers, **given)
        answer.told = json.loads(answer.data) if answer.data else None
        return answer

    def make(self, *accounts):
        """Write accounts as they are given, as a sync would; returns their ids as SCIM has them."""
        changes = [Change(Action.CREATE, None, one) for one in accounts]
        with self.store.run(RunRequest("sync", "test", "tester")) as run:
            return [str(number) for number in run.write(changes)]

    def alter(self, username, **fields):
        """Change an account as a sync or a person would."""
        before = self.accounts()[username]
        with self.store.run(RunRequest("sync", "test", "tester")) as run:
            run.write([Change(Action.UPDATE, before, before._replace(**fields))])

    def accounts(self):
        """The accounts by username."""
        with self.store.view() as view:
            return {one.username: one for one in view.accounts()}


ON_POSTGRESQL = ("test_entra", "test_hostile", "test_meanwhile", "test_okta")
"""The modules whose conversations are held with a store on PostgreSQL too."""


def pytest_generate_tests(metafunc):
    """Once on each store."""
    if "school" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_POSTGRESQL:
        postgresql = pytest.param("postgresql", marks=[pytest.mark.servers, pytest.mark.slow])
        metafunc.parametrize("kind", ["sqlite", postgresql], indirect=True)


@pytest.fixture
def kind(request):
    """What kind of store the school has."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def school(request, tmp_path, kind):
    """A school without accounts."""
    if kind == "sqlite":
        yield School(tmp_path)
        return
    on_server = School(tmp_path, url=request.getfixturevalue("postgres").new_database(f"scim_{uuid4().hex}"))
    yield on_server
    on_server.provision.desk._engine.dispose()  # the server has room for so many connections only
