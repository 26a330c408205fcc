"""What is new and gone since the last alignment."""

from datetime import UTC, date, datetime

import pytest

from connector.domain.alignment import Alignment, AlignmentRecord, FindingKey, finding_key
from connector.domain.finding import Finding, finding
from connector.planning.trend import record_of, trend_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EARLIER = AlignmentRecord(NOON, date(2026, 3, 2), 10, 9, 12, {"matched": 9})
DISABLED = finding("disabled", sis_code="S1", dn="CN=a")
LOCKED = finding("locked", sis_code="S10", dn="CN=b")
ORPHAN = finding("orphan-in-directory", login="amelia.smith", dn="CN=Amelia Smith,OU=Students")


def test_a_first_alignment_has_no_trend() -> None:
    """Without one before there is nothing to compare with, whatever was found."""
    assert trend_of(Alignment(10, 12, 9, findings=(DISABLED,)), [], ()) is None


@pytest.mark.parametrize(
    ("before", "now", "new", "gone"),
    [
        ([], [DISABLED], [DISABLED], []),
        ([DISABLED], [], [], [DISABLED]),
        ([DISABLED, ORPHAN], [ORPHAN, LOCKED], [LOCKED], [DISABLED]),
        ([LOCKED], [LOCKED._replace(dn="CN=moved", detail="other words")], [], []),
        ([ORPHAN], [ORPHAN._replace(dn="CN=Somebody Else")], [ORPHAN._replace(dn="CN=Somebody Else")], [ORPHAN]),
    ],
)
def test_new_and_gone(before: list[Finding], now: list[Finding], new: list[Finding], gone: list[Finding]) -> None:
    """A finding is the same one as long as its code and its student are, or its entry where there is no student."""
    trend = trend_of(Alignment(10, 12, 9, findings=tuple(now)), [EARLIER], set(map(finding_key, before)))
    assert trend is not None
    assert trend.new == set(map(finding_key, new))
    assert trend.gone == tuple(map(finding_key, gone))
    assert trend.last == EARLIER


def test_what_is_remembered_names_nobody() -> None:
    """A finding without a SIS code is remembered by a digest, never by login or DN."""
    code, subject = finding_key(ORPHAN)
    assert code == "orphan-in-directory"
    assert "amelia" not in subject.lower()
    assert finding_key(LOCKED) == FindingKey("locked", "S10")


def test_gone_findings_stand_as_people_count() -> None:
    """S2 comes before S10."""
    last = {FindingKey("locked", "S10"), FindingKey("locked", "S2"), FindingKey("disabled", "S3")}
    trend = trend_of(Alignment(10, 12, 9), [EARLIER], last)
    assert trend is not None
    assert [key.subject for key in trend.gone] == ["S3", "S2", "S10"]


def test_a_record_has_the_counts() -> None:
    """What is kept of an alignment is when it was made, for which day, and its counts."""
    alignment = Alignment(10, 12, 9, by_code={"matched": 9, "disabled": 1})
    kept = record_of(alignment, NOON, date(2026, 3, 1))
    assert kept == AlignmentRecord(NOON, date(2026, 3, 1), 10, 9, 12, {"matched": 9, "disabled": 1})
    assert kept.share.rate == 0.9
