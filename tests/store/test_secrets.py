"""What must not be found in any file of a store."""

import random

import pytest

from connector.credentials import activation_credentials, password_verifier
from connector.credentials.activation import fresh_secrets
from connector.domain.ports import Credential
from tests.store.people import SYNC, by_name, create, remove, run, student, update

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)
"""A server's files are not the connector's; what it writes where is the server's to say."""


class Witness:
    """Random bytes, remembered as they are drawn."""

    def __init__(self) -> None:
        """Nothing is drawn yet."""
        self._random = random.Random(2026)
        self.drawn: list[bytes] = []

    def __call__(self, count: int) -> bytes:
        """So many bytes."""
        self.drawn.append(self._random.randbytes(count))
        return self.drawn[-1]

    def secrets(self) -> list[bytes]:
        """The secrets that were made of what was drawn: salts and secrets come in turn, and both are for as many."""
        waiting, made = iter(self.drawn), []
        for salts in waiting:
            made += fresh_secrets(lambda _count: next(waiting), len(salts) // 15)
        return made


def contents(folder):
    """The bytes of every file."""
    return b"\n".join(file.read_bytes() for file in folder.iterdir())


def test_no_password_is_in_any_file(store, tmp_path):
    """Neither activation secrets nor passwords are found anywhere, during the run or after it."""
    witness, key = Witness(), store.plan_key()
    people = [create(student(f"u{number}", f"S{number}")) for number in range(200)]
    with store.run(SYNC) as writer:
        reference = writer.share_verifier(password_verifier("Opensesame-2026"))
        ids = writer.write(people, activation_credentials(key, witness))
        writer.set_credential(ids[0], Credential(reference, must_change=True))
        writer.set_credential(ids[1], Credential(password_verifier("Correct-horse-9")))
        during = contents(tmp_path)
    found = during + contents(tmp_path)
    assert len(set(witness.secrets())) >= 200
    assert [secret for secret in witness.secrets() if secret in found] == []
    assert b"Opensesame-2026" not in found
    assert b"Correct-horse-9" not in found
    assert b"hmac-sha512$" in found
    assert key not in found


def test_what_is_replaced_or_erased_does_not_linger(store, tmp_path):
    """Old verifiers, and every word of an erased person, are gone from the bytes of the database."""
    person = student("zzyzx", "Q77", family_name="Xylophone", email="xylo@school.example")
    filler = [create(student(f"u{number}")) for number in range(50)]
    [number, *_] = run(store, create(person), *filler, credential=lambda: Credential("verifier-of-old"))
    run(store, update(by_name(store)["zzyzx"], username="qwertz", given_names="Yolanda"))
    with store.run(SYNC) as writer:
        for one in range(1, 52):
            writer.set_credential(one, Credential("verifier-of-new"))
    assert b"verifier-of-old" not in contents(tmp_path)
    assert b"Yolanda" in contents(tmp_path)
    with store.run(SYNC) as writer:
        writer.erase(number)
    found = contents(tmp_path)
    for word in (b"zzyzx", b"qwertz", b"Q77", b"Xylophone", b"xylo@", b"Yolanda"):
        assert word not in found
    assert b"verifier-of-new" in found


def test_a_removed_account_takes_its_verifier_along(store, tmp_path):
    """Undoing a create leaves nothing of the password."""
    run(store, create(student("asmith")), credential=lambda: Credential("verifier-of-old"))
    run(store, remove(by_name(store)["asmith"]))
    assert b"verifier-of-old" not in contents(tmp_path)
