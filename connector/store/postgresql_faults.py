"""What PostgreSQL and the way to it complain of, as StoreErrors with the next step."""

from connector.domain.errors import BusyError, ConflictError, StoreError

LOCK_NOT_AVAILABLE = "55P03"
_NOTHING = "nothing of this run was written"
_WAIT = f"start it or wait until it is there, then run again; {_NOTHING}"
_LOST = ("was lost in the middle of the work", _WAIT)
_RIGHTS = "give the user of [store] url the right to use and create in the schema"
_DISK = ("cannot grow: the disk is full", f"free some space there, then run again; {_NOTHING}")
_SIGN_IN = "check the user in [store] url and the password that [store] password names"
_DATABASE = "make it (`createdb`), or correct [store] url"
_NO_HOST = ("is on a host that nobody knows", "correct the host in [store] url")
# SQLSTATEs and their classes (PostgreSQL, appendix A "Error codes"): what is wrong, and the next step.
_CAUSES = {
    "08": _LOST,
    "57P01": _LOST,
    "57P02": _LOST,
    "57P03": ("is not ready yet", _WAIT),
    "28": ("refuses the user or the password", _SIGN_IN),
    "3D": ("is not there", _DATABASE),
    "42501": ("may not be used so", _RIGHTS),
    "25006": ("is read-only (a standby?)", "name the primary server in [store] url"),
    "3F": ("has no such schema, and this user may not make it", _RIGHTS),
    "53100": _DISK,
    "53300": ("has no connection left", "let the server take more connections (max_connections), or try again later"),
}
# While a connection is made there is no SQLSTATE, only words.
_WORDS = {
    "authentication failed": _CAUSES["28"],
    "no password supplied": _CAUSES["28"],
    "does not exist": _CAUSES["3D"],
    "could not translate host name": _NO_HOST,
    "failed to resolve host": _NO_HOST,
    "Connection refused": ("does not answer: nothing listens there", _WAIT),
    "timeout expired": ("does not answer in time", "check host, port and firewall, then try again"),
    "starting up": _CAUSES["57P03"],
    "shutting down": _CAUSES["57P03"],
    "closed the connection": _LOST,
    "connection is lost": _LOST,
    "connection is closed": _LOST,
}


def is_postgresql_error(error: BaseException) -> bool:
    """Whether psycopg raised it, which need not be installed for this to be asked."""
    return type(error).__module__.partition(".")[0] == "psycopg" or hasattr(error, "sqlstate")


def postgresql_error(name: str, error: BaseException) -> StoreError:
    """The error in our words."""
    state: str = getattr(error, "sqlstate", None) or ""
    said = str(error).strip()
    if state == LOCK_NOT_AVAILABLE:
        return BusyError(
            f"the store {name} is locked by another program", hint="wait until its work is done, then try again"
        )
    if state in ("40001", "40P01"):
        return ConflictError(
            f"the store {name} was written by another program at the same time; {_NOTHING}", hint="run again"
        )
    cause = _CAUSES.get(state) or _CAUSES.get(state[:2])
    if cause is None and not state:
        cause = next((cause for words, cause in _WORDS.items() if words in said), None)
    what, hint = cause or (f"failed: {_first_line(said)}", "see the server's log, then try again")
    return StoreError(f"the store {name} {what}", hint=hint)


def _first_line(text: str) -> str:
    """Without the lines that quote rows, which hold people's data."""
    return text.partition("\n")[0]
