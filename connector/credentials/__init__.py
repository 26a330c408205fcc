"""Password verifiers: what a password is checked against, and never the password itself."""

from connector.credentials.activation import activation_credential, drawn_ahead
from connector.credentials.password import password_verifier
from connector.credentials.typable import typable_password, verifiers
from connector.credentials.verify import check

__all__ = ["activation_credential", "check", "drawn_ahead", "password_verifier", "typable_password", "verifiers"]
