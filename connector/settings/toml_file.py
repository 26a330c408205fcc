"""Reads one TOML file for what people write: as data, with the line of each key."""

import re
import tomllib
from pathlib import Path

from connector.settings.document import Document
from connector.settings.faults import Fault
from connector.settings.key_lines import key_lines

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BACKSLASH = re.compile(r'^[^#\'"]*"[^"]*\\')


def read_toml(path: Path, faults: list[Fault], next_step: str = "check the path") -> Document | None:
    """The file as a Document, named as `path` is written; when it is no readable TOML, a fault and None."""
    name = str(path)
    if path.exists() and not path.is_file():  # a pipe nobody writes to would be waited for, for ever
        faults.append(Fault(name, 0, "", f"cannot be read: it is no file; {next_step}"))
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        return Document(name, tomllib.loads(text), key_lines(text))
    except FileNotFoundError:
        faults.append(Fault(name, 0, "", f"there is no such file; {next_step}"))
    except OSError as error:
        faults.append(Fault(name, 0, "", f"cannot be read: {error.strerror}; {next_step}"))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        faults.append(Fault(name, line, "", "not UTF-8 text; save the file as UTF-8"))
    except tomllib.TOMLDecodeError as error:
        faults.append(_syntax_fault(str(error), text, name))
    except (ValueError, RecursionError):
        faults.append(Fault(name, 0, "", "holds a number too long or tables too deep to be meant; write it anew"))
    return None


def _syntax_fault(message: str, text: str, name: str) -> Fault:
    place = _PLACE.search(message)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    column = f" at column {place[2]}" if place and place[2] else ""
    what = _PLACE.sub("", message)
    step = "put text in double quotes and lists in square brackets"
    if "overwrite" in what or "twice" in what:
        return Fault(name, line, "", "a key or section is given twice; keep one of them")
    if _BACKSLASH.match(text.split("\n")[line - 1]):
        step = r"write Windows paths in single quotes: 'C:\exports\students.csv'"
    return Fault(name, line, "", f"not valid TOML{column}: {what}; {step}")
