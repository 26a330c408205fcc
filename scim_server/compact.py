"""JSON as it is kept and sent: without blanks, in the letters themselves."""

from collections.abc import Callable
from json import JSONEncoder
from typing import Any

encode: Callable[[Any], str] = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""The text of a value; made once, where json.dumps would make an encoder each time."""
