"""One pass over everybody the SIS read shows and everybody the store holds, in one stable order.

Rows settled when last seen, whose account nobody touched since, need no second look; that makes a nightly run
over a district quick. The others are decided in the natural order of the SIS codes, so the order of rows never
matters: first who has an account, then whose code the read does not show, then who has no account yet.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice, repeat
from typing import NamedTuple, TypeVar

from connector.domain.account import Account, Sighting, UserType
from connector.domain.entry import DirectoryEntry
from connector.domain.finding import Finding, finding
from connector.domain.plan import Change, Skip
from connector.domain.ports import AccountReader, Known, Progress, Reading, SightingNote
from connector.domain.ruleset import RuleSet
from connector.domain.student import Reject, Status, Student
from connector.mapping.desired import DesiredAccount, Proposal
from connector.mapping.keys import case_key, fold_key
from connector.planning.correlate import Correlation
from connector.planning.decide import Decider
from connector.planning.names import Names
from connector.planning.verdict import Verdict
from connector.services.adoption import settle_adoptions
from connector.services.intake import Intake, Person
from connector.services.tally import Tally, name_of

CHUNK = 500
T = TypeVar("T")


class Planned(NamedTuple):
    """A change, and what to remember of the account once it is done."""

    change: Change
    sighting: Sighting


Observer = Callable[[Student, Account | None], None]
"""Told of every student that could be read, with the account that has the code."""


Newcomer = tuple[Student, str, DesiredAccount, DirectoryEntry | None]
"""An active student in scope without an account: the row, what mapping wants, and the directory's entry."""


class Pair(NamedTuple):
    """A row's student and the account that has the code."""

    student: Student
    row: str
    known: Known


class Sweep:
    """One pass; run `items` to its end, then `tally` is whole.

    `remember` asks for digests with what is to be remembered; without it every row is looked at again next
    time. `known_codes` is filled with the code_key of everybody, for the correlation.
    """

    def __init__(
        self,
        intake: Intake,
        reading: Reading,
        accounts: AccountReader,
        rules: RuleSet,
        names: Names,
        decider: Decider,
        as_of: date,
        *,
        directory: Correlation | None = None,
        known_codes: set[str] | None = None,
        remember: bool = False,
        observe: Observer | None = None,
        progress: Progress,
    ) -> None:
        self.tally = Tally()
        self._intake = intake
        self._reading = reading
        self._accounts = accounts
        self._rules = rules
        self._names = names
        self._decider = decider
        self._as_of = as_of
        self._directory = directory
        self._known_codes = known_codes
        self._remember = remember
        self._observe = observe
        self._progress = progress
        self._empty = accounts.is_empty()
        self._claimed_before = accounts.claimed_count()
        self._baseline_before = accounts.baseline_size()
        self._baseline_codes = accounts.baseline_codes()
        self._matched: set[int] = set()
        self._newcomers: list[str] = []
        self._seen_faulty: list[SightingNote] = []
        self._emails: dict[str, str] = {}
        self._sharing: set[str] = set()
        self._fresh_email = False
        self._decided = 0

    def items(self) -> Iterator[Planned | SightingNote]:
        """Decide everybody; yields every change and everything to remember, in the order of doing."""
        people: Iterable[Person] = self._intake.people()
        if self._known_codes is not None:
            people = list(people)
            self._known_codes.update(key for key, _rows in people)
        pairs: Iterable[Pair] = self._pairs(people)
        if self._decider.adopts:
            pairs = list(pairs)
            people_with = [(pair.student, pair.known.account) for pair in pairs]
            settle_adoptions(self._decider, self._names, self._accounts, people_with)
        for pair in pairs:
            yield from self._decide_pair(pair)
        yield from self._seen_faulty
        self.tally.active += self._intake.hits
        self.tally.unchanged += self._intake.hits
        yield from self._absent()
        yield from self._decide_newcomers()

    # -- who has an account -------------------------------------------------------------------------------

    def _pairs(self, people: Iterable[Person]) -> Iterator[Pair]:
        """The students with an account; faulty rows are dealt with, newcomers set aside in order."""
        for chunk in _chunks(people):
            found = [] if self._empty else self._accounts.students_by_code([key for key, _rows in chunk])
            known = {fold_key(one.account.sis_code): one for one in found}
            for key, rows in chunk:
                account = known.get(key)
                if not key or len(rows) > 1 or (account and self._was_hit(account)):
                    self._faulty(key, rows, account)
                elif account is None:
                    self._newcomers.append(rows[0])
                else:
                    item = self._reading.student(rows[0])
                    if isinstance(item, Reject):
                        self._faulty(key, rows, account)
                    else:
                        yield Pair(item, rows[0], account)
            self._told(len(chunk))

    def _was_hit(self, known: Known) -> bool:
        """Whether another row of this read was already recognised as this account's."""
        sighting = known.sighting
        if not self._intake.used or sighting.digest is None or not sighting.baseline:
            return False
        holds = sighting.version == known.account.version and known.account.live
        in_time = sighting.until is None or self._as_of < sighting.until
        return holds and in_time and sighting.digest not in self._intake.known

    def _faulty(self, key: str, rows: list[str], known: Known | None) -> None:
        """Reject rows that cannot be read, and all rows that share a code; the account is left alone."""
        hit = known is not None and self._was_hit(known)
        twice = bool(key) and (len(rows) > 1 or hit)
        for row in rows:
            item = self._reading.student(row)
            if isinstance(item, Reject):
                self._reject(item)
            elif twice:
                self._duplicate(item)
        if hit:
            self._intake.hits -= 1
            self.tally.rejects += 1
        if known is not None:
            self._account_for(known)
            if known.sighting != Sighting():
                self._seen_faulty.append(SightingNote(known.account.id, Sighting(), claimed=known.account.claimed))

    def _reject(self, reject: Reject) -> None:
        self.tally.rejects += 1
        self.tally.unreadable_code |= not reject.sis_code
        detail = f"{reject.place}: {reject.detail}"
        self.tally.skips.append(Skip(reject.sis_code or "", "rejected-row", detail))
        self.tally.findings.append(
            finding(
                "rejected-row",
                sis_code=reject.sis_code,
                detail=detail,
                suggestion="Correct the row in the SIS and export again.",
            )
        )

    def _duplicate(self, student: Student) -> None:
        self.tally.rejects += 1
        self.tally.duplicates.setdefault(student.sis_code, []).append(student.place)
        names = (self.tally.names.get(student.sis_code), name_of(student))
        self.tally.names[student.sis_code] = " / ".join(name for name in names if name)
        detail = f"{student.place}: the SIS code {student.sis_code} stands in more than one row"
        suggestion = "Give each student one row in the export, or correct the code."
        self.tally.skips.append(Skip(student.sis_code, "duplicate-sis-code", detail, suggestion))
        self.tally.findings.append(
            finding("duplicate-key-in-sis", sis_code=student.sis_code, detail=detail, suggestion=suggestion)
        )

    def _decide_pair(self, pair: Pair) -> Iterator[Planned | SightingNote]:
        student, account, before = pair.student, pair.known.account, pair.known.sighting
        if self._observe is not None:
            self._observe(student, account)
        verdict = self._decider.existing(student, account)
        here = self._is_here(student)
        self._account_for(pair.known)
        if before.baseline and (here or _gone(student)):
            self.tally.baseline_seen += 1
        if here:
            self._note_active(student)
            verdict = self._with_shared_email(student, verdict, account.email)
        self.tally.add(verdict, student)
        sighting = self._sighting(student, pair.row, verdict) if here else Sighting()
        if verdict.change is not None:
            yield Planned(verdict.change, sighting)
            return
        learned = self._learned_id(account)
        if learned:
            self.tally.linked.append((fold_key(account.sis_code), learned))
        if learned or not _same(before, sighting, account) or not account.claimed:
            yield SightingNote(
                account.id, sighting._replace(version=account.version), claimed=True, stable_id=learned
            )

    def _learned_id(self, account: Account) -> str:
        """The directory's durable id of the account's person, where it is not known yet; empty otherwise."""
        if self._directory is None:
            return ""
        entry = self._directory.entry_of(account.sis_code, account.username, account.stable_id)
        return entry.stable_id if entry is not None and entry.stable_id != account.stable_id else ""

    # -- whom the read does not show ----------------------------------------------------------------------

    def _absent(self) -> Iterator[Planned | SightingNote]:
        """The claimed, live accounts whose code no row carries; nothing where absence means nothing."""
        if not self._reading.complete or self._reading.delta or self.tally.unreadable_code:
            return
        if not self._remember:
            self.tally.findings.extend(self._never_claimed())
        hits = self._intake.hits
        nobody = self.tally.accounted + hits == self._claimed_before
        if nobody and self.tally.baseline_seen + hits == self._baseline_before:
            return
        absent = [known for known in self._accounts.claimed_students() if self._is_absent(known)]
        for known in absent:
            if not known.account.live:
                yield SightingNote(known.account.id, Sighting())
                continue
            reads = known.sighting.missing_reads + 1
            verdict = self._decider.missing(known.account, reads)
            self.tally.add(verdict, known.account)
            self.tally.missing_codes.append(fold_key(known.account.sis_code))
            sighting = Sighting(missing_reads=reads)
            if verdict.change is not None:
                yield Planned(verdict.change, sighting)
            else:
                yield SightingNote(known.account.id, sighting)

    def _never_claimed(self) -> Iterator[Finding]:
        """Live Student accounts whose SIS code no row ever had: no sync touches them, so a person should look."""
        for account in self._accounts.accounts(UserType.STUDENT):
            if account.sis_code and account.live and not account.claimed and account.id not in self._matched:
                yield finding(
                    "code-not-in-sis",
                    sis_code=account.sis_code,
                    username=account.username,
                    detail="No row of the SIS has this account's code; no sync touches the account.",
                    suggestion="Correct the code, or archive the account if nobody uses it: "
                    f"trackone accounts archive {account.username}",
                )

    def _is_absent(self, known: Known) -> bool:
        """Not in this read: live accounts, and archived ones that the last read still showed."""
        looked_for = known.account.live or known.sighting.baseline
        return looked_for and known.account.id not in self._matched and not self._was_hit(known)

    # -- who has none -------------------------------------------------------------------------------------

    def _decide_newcomers(self) -> Iterator[Planned | SightingNote]:
        """Create accounts, in the natural order of the codes; with a directory, own logins are served first."""
        people: Iterable[Newcomer] = self._considered()
        if self._directory is not None:
            people = sorted(people, key=lambda one: not self._decider.own_login_first(one[2], one[3]))
        for chunk in _chunks(people):
            if not self._empty:
                names = (wanted.name for _student, _row, wanted, _entry in chunk)
                self._names.prefetch({fold_key(name.base) for name in names if isinstance(name, Proposal)})
            yield from self._created(chunk)

    def _created(self, newcomers: Sequence[Newcomer]) -> Iterator[Planned]:
        """Accounts for some newcomers."""
        tally, as_of = self.tally, self._as_of
        shared = not self._have_emails_of_their_own([student for student, _row, _wanted, _entry in newcomers])
        rows = [row for _student, row, _wanted, _entry in newcomers]
        digests: Iterable[int | None] = self._intake.digests(rows) if self._remember else repeat(None)
        for (student, _row, wanted, entry), digest in zip(newcomers, digests, strict=False):
            verdict = self._decider.created(student, wanted, entry)
            if shared:
                verdict = self._with_shared_email(student, verdict, "")
            change, _skip, findings = verdict
            if change is None:
                tally.active_without_account.append(fold_key(student.sis_code))
                tally.add(verdict, student)
                continue
            if findings:
                tally.add(verdict, student)
            else:
                tally.created += 1
            sighting = (None if findings else digest, 0, student.settled_until(as_of), 0, True)
            yield tuple.__new__(Planned, (change, tuple.__new__(Sighting, sighting)))

    def _have_emails_of_their_own(self, students: Sequence[Student]) -> bool:
        """Whether nobody else has the e-mail of any of these, as far as was read; then they are taken note of."""
        emails = {_email_key(student.email): student.sis_code for student in students}
        emails.pop("", None)
        if len(emails) < sum(student.email != "" for student in students) or emails.keys() & self._emails.keys():
            return False
        self._emails.update(emails)
        self._fresh_email |= bool(emails)
        return True

    def _considered(self) -> Iterator[Newcomer]:
        """The newcomers that are active and in scope, with what mapping wants; the others are skipped here."""
        waiting = self._newcomers
        waiting.reverse()
        while waiting:
            row = waiting.pop()
            item = self._reading.student(row)
            if isinstance(item, Reject):
                self._reject(item)
                continue
            if self._observe is not None:
                self._observe(item, None)
            if self._baseline_codes and fold_key(item.sis_code) in self._baseline_codes:
                self.tally.baseline_seen += self._is_here(item) or _gone(item)
            considered = self._decider.consider(item)
            if isinstance(considered, Skip):
                self.tally.add(Verdict(skip=considered), item)
                continue
            self._note_active(item)
            wanted, entry = considered
            yield item, row, wanted, entry

    # -- the parts ----------------------------------------------------------------------------------------

    def _is_here(self, student: Student) -> bool:
        return student.status is Status.ACTIVE and self._rules.scope.covers(student.year_level)

    def _account_for(self, known: Known) -> None:
        self._matched.add(known.account.id)
        if known.account.live:
            self.tally.accounted += known.account.claimed
            in_scope = self._rules.scope.covers(known.account.year_level)
            self.tally.newly_claimed += in_scope and not known.account.claimed

    def _note_active(self, student: Student) -> None:
        self.tally.active += 1
        if not self._remember:
            self.tally.active_codes.append(fold_key(student.sis_code))

    def _with_shared_email(self, student: Student, verdict: Verdict, before: str) -> Verdict:
        """Say so when another active student has the same e-mail; `before` is what the account had."""
        if not student.email:
            return verdict
        email, code = student.email, student.sis_code
        self._fresh_email |= email != before
        first = self._emails.setdefault(_email_key(email), code)
        if first == code:
            return verdict
        if first not in self._sharing:
            self.tally.findings.append(_shared_email(first, student.sis_code))
        self._sharing.update((first, student.sis_code))
        return verdict._replace(findings=(*verdict.findings, _shared_email(student.sis_code, first)))

    def _sighting(self, student: Student, row: str, verdict: Verdict) -> Sighting:
        """What to remember of an active student: the digest only where nothing is left to say or do."""
        settled = self._remember and verdict.skip is None and not verdict.findings
        digest = self._intake.digests((row,))[0] if settled else None
        return Sighting(digest, 0, student.settled_until(self._as_of), 0, baseline=True)

    def second_thoughts(self) -> Iterator[SightingNote]:
        """After everything is written: e-mails shared with settled students, whose sharers stay unsettled."""
        if self._intake.used and self._fresh_email:
            for email, code in self._accounts.student_emails():
                first = self._emails.get(email)
                if first is not None and first != code and code not in self._sharing:
                    self._sharing.update((first, code))
                    self.tally.findings.append(_shared_email(first, code))
        for chunk in _chunks(sorted(self._sharing)):
            for known in self._accounts.students_by_code([fold_key(code) for code in chunk]):
                yield SightingNote(known.account.id, Sighting(baseline=True))

    def _told(self, more: int) -> None:
        self._decided += more
        self._progress("Deciding", self._decided, None)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists of CHUNK."""
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _email_key(email: str) -> str:
    """What two spellings of an e-mail address have in common."""
    return email.lower() if email.isascii() else case_key(email)


def _gone(student: Student) -> bool:
    return student.status in (Status.LEFT, Status.INACTIVE)


def _same(before: Sighting, after: Sighting, account: Account) -> bool:
    """Whether there is nothing new to remember."""
    held = before.digest is None or before.version == account.version
    return held and before._replace(version=0) == after._replace(version=0)


def _shared_email(sis_code: str, other: str) -> Finding:
    return finding(
        "duplicate-email",
        sis_code=sis_code,
        detail=f"The e-mail address in the SIS is also that of {other}",
        suggestion="Give each student an address of their own in the SIS.",
    )
