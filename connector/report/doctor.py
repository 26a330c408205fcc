"""What the doctor found: a line a step for people, a JSON object for programs."""

from collections.abc import Sequence

from connector.domain.doctor import Check, Verdict
from connector.report.harmless import harmless
from connector.report.sentences import many

_WIDE = max(map(len, Verdict))


def check_line(check: Check) -> str:
    """One step; below one that did not go as it must, what was expected, what came, and who asks for it."""
    first = f"{check.verdict.value:<{_WIDE}}  {check.conversation}: {check.does}"
    more: tuple[str, ...] = ()
    if check.verdict is not Verdict.GOOD:
        told = (("expected", check.expected), ("came", check.came), ("source", check.source))
        more = tuple(f"      {name:<9}{text}" for name, text in told if text)
    return "\n".join(harmless(line) for line in (first, *more))


def verdict_line(checks: Sequence[Check]) -> str:
    """All of them in one sentence."""
    counts = {verdict: sum(check.verdict is verdict for check in checks) for verdict in Verdict}
    words = [f"{counts[Verdict.GOOD]} passed"]
    words += [f"{counts[Verdict.FAIL]} failed"] if counts[Verdict.FAIL] else []
    words += [f"{counts[Verdict.WARN]} could be better"] if counts[Verdict.WARN] else []
    words += [f"{counts[Verdict.SKIP]} could not be tried"] if counts[Verdict.SKIP] else []
    return f"{many(len(checks), 'check')}: {', '.join(words)}."


def healthy(checks: Sequence[Check]) -> bool:
    """Whether every step went as it must."""
    return not any(check.verdict in (Verdict.FAIL, Verdict.SKIP) for check in checks)


def checks_json(checks: Sequence[Check]) -> list[dict[str, str]]:
    """The steps as JSON values."""
    return [{**check._asdict(), "verdict": check.verdict.value} for check in checks]
