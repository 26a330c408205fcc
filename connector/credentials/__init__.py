"""Password verifiers: what a password is checked against, and never the password itself."""

from connector.credentials.activation import activation_credentials
from connector.credentials.password import password_verifier
from connector.credentials.typable import typable_password, verifiers
from connector.credentials.verify import check

__all__ = ["activation_credentials", "check", "password_verifier", "typable_password", "verifiers"]
