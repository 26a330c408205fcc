"""CSV that a spreadsheet opens as it is meant."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO

from connector.report.harmless import cell

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for the machine's own code page, and a saved "correction" breaks every accent."""


def csv_lines(
    header: Sequence[str], rows: Iterable[Sequence[str]], written: Callable[[str], str] = cell
) -> Iterator[str]:
    """The header and the rows as RFC 4180 lines, the first after a BOM; write them as UTF-8, line ends as they are.

    No cell can be taken for a formula. `written` is `cell` for what people look at, and `data_cell` for a file that
    is to come back as it went.
    """
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    yield BOM + _taken(out)
    for row in rows:
        writer.writerow(map(written, row))
        yield _taken(out)


def _taken(out: StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
