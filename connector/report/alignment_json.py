"""An alignment as JSON values."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from connector.domain.alignment import Alignment, AlignmentRecord, Share, Trend
from connector.planning.plan_file import finding_to_json


def alignment_json(alignment: Alignment, school: str, as_of: date) -> dict[str, Any]:
    """The summary, what proves the read, every finding and how it stands to last time, as plain JSON values.

    Rates are from 0 to 1. `trend` is null for a first alignment; a subject in it is an SIS code, or `#` and a digest.
    """
    trend = alignment.trend
    return {
        "summary": {
            "students": alignment.students,
            "directory_entries": alignment.directory_entries,
            "matched": alignment.matched,
            "match_rate": alignment.match_rate,
            "previous_match_rate": trend.last.share.rate if trend else None,
            "by_code": dict(alignment.by_code),
            "by_year": _shares(alignment.by_year),
            "by_campus": _shares(alignment.by_campus),
            "by_unit": _shares(alignment.by_unit),
            "school": school,
            "as_of": as_of.isoformat(),
        },
        "completeness": asdict(alignment.completeness),
        "findings": [finding_to_json(found) for found in alignment.findings],
        "trend": _trend(trend) if trend else None,
    }


def _shares(shares: Mapping[str, Share]) -> dict[str, dict[str, int]]:
    return {group: share._asdict() for group, share in shares.items()}


def _trend(trend: Trend) -> dict[str, Any]:
    return {
        "alignments": [_record(one) for one in trend.records],
        "new": [key._asdict() for key in sorted(trend.new)],
        "gone": [key._asdict() for key in trend.gone],
    }


def _record(one: AlignmentRecord) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "as_of": one.as_of.isoformat(),
        "students": one.students,
        "matched": one.matched,
        "match_rate": one.share.rate,
        "by_code": dict(one.by_code),
    }
