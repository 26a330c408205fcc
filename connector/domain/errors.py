"""The error family: every operational failure names the thing and the next step, and knows its exit code."""


class ConnectorError(Exception):
    """A failure the operator can act on; `str()` is one to three plain lines (contract.md 1)."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the message and the next step apart, so that a page can show them as two lines."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The message, then the next step on a line of its own."""
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class OperationError(ConnectorError):
    """Something could not be reached, read or done."""


class SourceError(OperationError):
    """The SIS could not be read or parsed as a whole."""


class DirectoryError(OperationError):
    """The directory could not be read."""


class StoreError(OperationError):
    """The user store could not be reached or written."""


class BusyError(StoreError):
    """The store is in use by somebody else for longer than we wait; it is worth trying again."""


class ConflictError(BusyError):
    """Another program wrote the same rows at the same time; the work was undone and can be done again at once."""


class LockedError(StoreError):
    """Another run holds the store's run lock."""


class ConfigError(ConnectorError):
    """The configuration, a mapping file or the command's words are wrong."""

    exit_code = 2


class GuardError(ConnectorError):
    """The guard refused the run; nothing was written."""

    exit_code = 3


class PlanError(ConnectorError):
    """The plan file is stale or was tampered with; nothing was written."""

    exit_code = 4
