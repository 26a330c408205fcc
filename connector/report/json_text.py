"""JSON that is safe to print: every value exact, nothing in it that could act on a terminal."""

import json
import re
from typing import Any

# Unsafe signs stand only inside strings, where JSON has an escape for each; DEL and C1 are not escaped by json.
_UNSAFE = re.compile("[\x7f-\x9f\u00ad\u180e\u200b\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\uffff]")


def json_text(value: Any, *, indent: int | None = 2, ascii_only: bool = False) -> str:
    """The value as JSON, without a line end; control, invisible and bidi signs escaped, other letters as they are.

    `ascii_only` escapes every letter beyond ASCII, for a stream that cannot carry them (RFC 8259, section 7).
    """
    return escaped(json.dumps(value, indent=indent, ensure_ascii=ascii_only))


def escaped(text: str) -> str:
    """The same JSON with control, invisible and bidi signs escaped."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
