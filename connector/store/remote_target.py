"""What is known of the users of a service: whose they are, and who has which username there."""

from dataclasses import dataclass, field

from connector.domain.account import Account
from connector.mapping.keys import case_key, fold_key
from connector.store.remote_circuit import OutageError
from connector.store.remote_client import ScimClient
from connector.store.remote_service import Announced
from connector.store.remote_user import Facts, RemoteUser

_CODE = "\0"
"""What tells the key of a SIS code from that of a username."""


@dataclass
class Target:
    """The users of the service by the id of the account here."""

    client: ScimClient
    announced: Announced
    users: dict[int, RemoteUser] = field(default_factory=dict)
    _holders: dict[str, str] = field(default_factory=dict)
    _owners: dict[str, int] = field(default_factory=dict)

    @property
    def extended(self) -> bool:
        """Whether the service knows TrackOne's own attributes."""
        return self.announced.extended

    def keep(self, account_id: int, user: RemoteUser) -> list[str]:
        """Remember what the service says of an account's user; gives the keys that it gave up.

        Raises OutageError where the user is already another account's.
        """
        if self._owners.get(user.id, account_id) != account_id:
            raise OutageError(
                f"{self.client.host} says of one user that it is two accounts",
                hint="Nothing it says can be believed: have it put right.",
            )
        given_up = self.forget(account_id)
        self.users[account_id] = user
        self._owners[user.id] = account_id
        for key in _keys(user.facts):
            self._holders.setdefault(key, user.id)
        return [key for key in given_up if key not in self._holders]

    def keep_stranger(self, user: RemoteUser) -> None:
        """Remember that a user who is nobody's here has this username."""
        self._holders[case_key(user.facts.username)] = user.id

    def forget(self, account_id: int) -> list[str]:
        """The account has no user any more; gives the keys that are free by that."""
        user = self.users.pop(account_id, None)
        if user is None:
            return []
        self._owners.pop(user.id, None)
        freed = [key for key in _keys(user.facts) if self._holders.get(key) == user.id]
        for key in freed:
            del self._holders[key]
        return freed

    def in_the_way(self, account_id: int, after: Account | None) -> tuple[str, str] | None:
        """The first key (username, SIS code) the account is to get that another user has, and that user's id."""
        if after is None:
            return None
        own = self.users.get(account_id)
        for key in _keys_of(after.username, after.sis_code):
            holder = self._holders.get(key)
            if holder is not None and (own is None or holder != own.id):
                return key, holder
        return None

    def owner(self, user_id: str) -> int | None:
        """The account whose user has that id; None for a stranger's."""
        return self._owners.get(user_id)


def without(user: RemoteUser, key: str) -> Facts:
    """The user with another username, or another SIS code, for as long as somebody else moves."""
    mark = f"-{user.id[:8]}-moving"
    if not key.startswith(_CODE):
        return user.facts._replace(username=f"{user.facts.username}{mark}")
    code = f"{user.facts.external_id}{mark}"
    return user.facts._replace(external_id=code, sis_code=code if user.facts.sis_code else "")


def _keys(facts: Facts) -> list[str]:
    return _keys_of(facts.username, facts.external_id)


def _keys_of(username: str, code: str) -> list[str]:
    """Of these no two users of a service have the same."""
    name = case_key(username)
    return [name, f"{_CODE}{fold_key(code)}"] if code else [name]
