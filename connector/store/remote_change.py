"""Making one user of a service what an account is, and knowing afterwards what it is."""

from typing import NamedTuple

from connector.mapping.keys import case_key
from connector.store.remote_client import Document, InDoubtError, RefusedError, ScimClient
from connector.store.remote_user import Facts, RemoteUser, differing, document_of, patch_of, user_of

_TRIES = 3
_UNCERTAIN = frozenset({409, 412})
"""The user is no longer what we saw last, or is there already."""


class Done(NamedTuple):
    """The user as it is now, None for none; and the words of the service where it would not do what was asked."""

    user: RemoteUser | None
    refused: str = ""


def make(client: ScimClient, user: RemoteUser | None, wanted: Facts | None, *, extended: bool, again: bool) -> Done:
    """Make the user what is wanted: create, change or remove it (None). Raises OutageError.

    With `again` it was asked for before and nobody knows how that ended, so a new user is looked for first.
    """
    service = _Service(client, extended)
    if wanted is None:
        return service.remove(user) if user is not None else Done(None)
    if user is None:
        found = service.look_up(wanted) if again else None
        return service.change(found, wanted) if found is not None else service.create(wanted)
    return service.change(user, wanted)


class _Service(NamedTuple):
    client: ScimClient
    extended: bool

    def create(self, wanted: Facts) -> Done:
        words = "no answer to the creation, and no such user is there"
        for _ in range(_TRIES):
            try:
                answer = self.client.send("POST", "Users", document_of(wanted, extended=self.extended))
            except InDoubtError:
                pass
            except RefusedError as error:
                if error.status not in _UNCERTAIN:
                    return Done(None, error.message)
                words = error.message
            else:
                made = user_of(answer.document, extended=self.extended)
                if made.id and case_key(made.facts.username) == case_key(wanted.username):
                    return _judged(made, wanted)
                words = "it answers the creation with another user"
            found = self.look_up(wanted)
            if found is not None:
                return self.change(found, wanted)
        return Done(None, words)

    def look_up(self, wanted: Facts) -> RemoteUser | None:
        """The user that a creation made after all: found by the SIS code, or by the username where there is none."""
        attribute, value = ("externalId", wanted.external_id) if wanted.external_id else ("userName", wanted.username)
        found = [user_of(one, extended=self.extended) for one in self.client.find(attribute, value)]
        same = [one for one in found if one.id and _is_same(one.facts, wanted)]
        return same[0] if len(same) == 1 else None

    def change(self, user: RemoteUser, wanted: Facts) -> Done:
        """PATCH what differs, if the user is still as it was seen; else look again, once."""
        done = self._patched(user, wanted)
        if done.uncertain:
            seen = self._seen(user)
            if seen is None:
                return Done(None, done.refused)
            done = self._patched(seen, wanted)
        return Done(done.user, done.refused)

    def _patched(self, user: RemoteUser, wanted: Facts) -> "_Patched":
        patch = patch_of(user.facts, wanted)
        if patch is None:
            return _Patched(user)
        try:
            answer = self.client.send("PATCH", f"Users/{user.id}", patch, etag=user.etag)
        except RefusedError as error:
            gone = error.status == 404
            return _Patched(None if gone else user, error.message, error.status == 412 or error.status >= 500)
        if not answer.document:  # 204: done, and as it was asked for (RFC 7644, section 3.5.2)
            return _Patched(RemoteUser(user.id, answer.etag, wanted))
        now = self._after(user, answer.document)
        return _Patched(*_judged(now, wanted)) if now is not None else _Patched(None, "404: the user is gone")

    def remove(self, user: RemoteUser) -> Done:
        try:
            self.client.send("DELETE", f"Users/{user.id}")
        except RefusedError as error:
            if error.status == 404:
                return Done(None)
            seen = self._seen(user)
            return Done(seen, error.message) if seen is not None else Done(None)
        return Done(None)

    def _after(self, user: RemoteUser, told: Document) -> RemoteUser | None:
        """What the answer to a change says of the user; where it speaks of another, we ask."""
        if str(told.get("id", "")) == user.id:
            return user_of(told, extended=self.extended)
        return self._seen(user)

    def _seen(self, user: RemoteUser) -> RemoteUser | None:
        try:
            told = self.client.get(f"Users/{user.id}")
        except RefusedError as error:
            if error.status == 404:
                return None
            raise self.client.circuit.opened(f"{self.client.host}: {error.message} to a look at one user") from error
        seen = user_of(told, extended=self.extended)
        if seen.id != user.id:
            words = f"{self.client.host} answers with another user than the one it was asked for"
            raise self.client.circuit.opened(words, hint="Nothing it says can be believed: have it put right.")
        return seen


class _Patched(NamedTuple):
    """As `Done`; `uncertain` where another look may show that it is done, or that it can be."""

    user: RemoteUser | None
    refused: str = ""
    uncertain: bool = False


def _judged(user: RemoteUser, wanted: Facts) -> Done:
    kept = differing(user.facts, wanted)
    return Done(user, f"it keeps its own {', '.join(kept)}" if kept else "")


def _is_same(found: Facts, wanted: Facts) -> bool:
    """Whether a user that was found is the wanted one: a service may find more than it was asked for."""
    if wanted.external_id:
        return found.external_id == wanted.external_id
    return case_key(found.username) == case_key(wanted.username)
