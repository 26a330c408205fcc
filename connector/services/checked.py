"""What a check found."""

from typing import NamedTuple


class Checked(NamedTuple):
    """One thing looked at: whether it is well, what was seen, and what to do where it is not.

    `exit_code` is what a plan or a sync would end with because of it, where it is not well.
    """

    what: str
    well: bool
    seen: str
    next_step: str = ""
    exit_code: int = 1
