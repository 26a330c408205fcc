"""What a check found."""

from typing import NamedTuple


class Checked(NamedTuple):
    """One thing looked at: whether it is well, what was seen, and what to do where it is not."""

    what: str
    well: bool
    seen: str
    next_step: str = ""
