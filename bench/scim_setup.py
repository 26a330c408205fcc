"""The school a SCIM benchmark is driven on, and the bodies it sends."""

import json
import secrets
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.servers.small_school import lay

PREFIX = "/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
RATE = "[scim]\nrate = 1000000\nburst = 1000000\n"


class School:
    """A store with so many accounts, as an Entra client made them, and a token."""

    def __init__(self, folder: Path, users: int) -> None:
        """Lay it down in the folder."""
        from connector.bootstrap import build_client_keys, system_clock  # noqa: PLC0415 - the driver needs none of it
        from connector.domain.client import Kind  # noqa: PLC0415 - the same
        from connector.services import tokens  # noqa: PLC0415 - the same
        from connector.settings.load import load_settings  # noqa: PLC0415 - the same

        self.config = lay(folder, more=RATE)
        settings = load_settings(self.config, {})
        issued = tokens.issue(
            build_client_keys(settings),
            client="bench",
            kind=Kind.BEARER,
            scope="write",
            life=timedelta(days=1),
            made_by="bench",
            now=system_clock(),
            random=secrets.token_bytes,
        )
        self.token = issued.token
        self.names = [f"given{number % 997}.family{number}@school.example" for number in range(users)]
        self.ids = _filled(settings.store.url, self.names)


def _filled(url: str, names: list[str]) -> list[str]:
    """The ids of the accounts that are made under these names."""
    from connector.bootstrap import system_clock  # noqa: PLC0415 - the driver needs none of it
    from connector.domain.account import Account, Grant  # noqa: PLC0415 - the same
    from connector.domain.plan import Action, Change  # noqa: PLC0415 - the same
    from connector.domain.ports import Credential, RunRequest  # noqa: PLC0415 - the same
    from connector.store.open import open_store  # noqa: PLC0415 - the same

    grants = (Grant("Student Security", "rule:default"),)
    changes = [
        Change(
            Action.CREATE,
            None,
            Account(
                name,
                family_name=f"Family{number}",
                given_names=f"Given{number % 997}",
                email=name,
                roles=("Student Security",),
                grants=grants,
                approved=True,
            ),
            (),
            ("bench",),
        )
        for number, name in enumerate(names)
    ]
    with open_store(url, system_clock).run(RunRequest("bench", "bench", "bench")) as run:
        ids = run.write(changes, Credential)
        run.close({}, {}, ())
    return [str(one) for one in ids]


def new_user(name: str) -> str:
    """A user as Entra ID sends one."""
    return json.dumps(
        {
            "schemas": [USER],
            "externalId": name,
            "userName": name,
            "active": True,
            "displayName": f"Given {name}",
            "emails": [{"primary": True, "type": "work", "value": f"{name.partition('@')[0]}@school.example"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": f"Given {name}", "familyName": "Family", "givenName": "Given"},
        }
    )


def patch(operation: dict[str, Any]) -> str:
    """A PatchOp of one operation."""
    return json.dumps({"schemas": [PATCH_OP], "Operations": [operation]})


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
