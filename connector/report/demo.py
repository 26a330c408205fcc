"""What a demonstration comes to, for somebody who has never seen a directory."""

from datetime import date

from connector.domain.plan import Counts
from connector.report.sentences import day, done_sentence, many, number, percent
from connector.report.terminal import WIDTH, Line, Tone, laid_out


def demo_summary(
    school: str,
    as_of: date,
    *,
    students: int,
    counts: Counts,
    compared: int,
    matched: int,
    office: int,
    network: int,
    trackone: int,
    report: str,
    why: str,
    colour: bool = False,
    width: int = WIDTH,
) -> str:
    """The demonstration in a few sentences: what was read and done, how it matches, who has to look at what.

    `students` were read, `counts` is what the run did, `matched` of `compared` active students have the username
    of their network login; `office`, `network` and `trackone` count the findings that wait for each. `report`
    is the path to show, `why` the command that explains a student worth looking at.
    """
    waiting = [
        (office, "school office", "records to correct in the SIS"),
        (network, "network administrator", "network logins to look at"),
        (trackone, "TrackOne administrator", "accounts or rules to look at"),
    ]
    same = f"{number(matched)} of {many(compared, 'student')} ({percent(matched, compared)})"
    parts = [
        Line(f"{school}, an invented school, on {day(as_of)}.", Tone.STRONG),
        Line(f"\n{many(students, 'student')} read from the student information system. {done_sentence(counts)}"),
        Line(f"{same} sign in to TrackOne with the same name as to the school network."),
        Line("\nWhat needs attention, and whose:", Tone.STRONG),
        *(Line(f"{number(count):>6}  {who}: {matter}", indent=2) for count, who, matter in waiting),
        Line(f"\nThe whole report, for a browser or a printer: {report}"),
        Line(f"Look at one student: {why}"),
        Line("Run the demonstration again: nothing changes the second time.", Tone.MUTED),
    ]
    return laid_out(parts, colour=colour, width=width)
