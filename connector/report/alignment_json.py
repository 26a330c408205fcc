"""An alignment as JSON values."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from connector.domain.alignment import Alignment, Share
from connector.planning.plan_file import finding_to_json


def alignment_json(alignment: Alignment, school: str, as_of: date, previous: float | None = None) -> dict[str, Any]:
    """The summary, what proves the read, and every finding, as plain JSON values; rates from 0 to 1."""
    return {
        "summary": {
            "students": alignment.students,
            "directory_entries": alignment.directory_entries,
            "matched": alignment.matched,
            "match_rate": alignment.match_rate,
            "previous_match_rate": previous,
            "by_code": dict(alignment.by_code),
            "by_year": _shares(alignment.by_year),
            "by_campus": _shares(alignment.by_campus),
            "school": school,
            "as_of": as_of.isoformat(),
        },
        "completeness": asdict(alignment.completeness),
        "findings": [finding_to_json(found) for found in alignment.findings],
    }


def _shares(shares: Mapping[str, Share]) -> dict[str, dict[str, int]]:
    return {group: share._asdict() for group, share in shares.items()}
