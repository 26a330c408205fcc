"""Who made a request, as far as the console knows."""

import hashlib
import hmac
from dataclasses import dataclass

from connector.domain.console import Role, Session

NOBODY = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser: the secret in its cookie, its address, and the session that belongs to it, if somebody signed in."""

    secret: str
    address: str
    session: Session | None = None

    @property
    def name(self) -> str:
        """The name of who is signed in; "" for nobody."""
        return self.session.name if self.session else NOBODY

    @property
    def operates(self) -> bool:
        """Whether they may change things."""
        return self.session is not None and self.session.role is Role.OPERATOR

    @property
    def form_token(self) -> str:
        """What every form must carry, so that no other site can send one in this browser's name."""
        return hmac.new(self.secret.encode(), b"form", hashlib.sha256).hexdigest()

    def sent(self, form_token: str) -> bool:
        """Whether a form with that token was made for this browser."""
        return bool(self.secret) and hmac.compare_digest(form_token.encode(), self.form_token.encode())


def key_of(secret: str) -> str:
    """The key under which a session or an invitation is kept: whoever reads the store cannot use it."""
    return hashlib.sha256(secret.encode()).hexdigest()
