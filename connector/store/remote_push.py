"""Doing the changes of a run at the service: as many at once as do not depend on each other."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from connector.domain.plan import Change
from connector.domain.run import Outcome
from connector.store.remote_bulk import Step, make_many
from connector.store.remote_change import Done, make
from connector.store.remote_circuit import OutageError
from connector.store.remote_client import ScimClient
from connector.store.remote_lanes import Lanes
from connector.store.remote_service import Announced
from connector.store.remote_target import Target, without
from connector.store.remote_user import facts_of

LANES = 4
"""Connections at once: enough that the service never waits for us, few enough to leave it to others too."""

_AHEAD = 2
"""Pieces of work for each lane: while one is done the next waits."""

_SINGLY = 4
"""Changes in a piece of work that asks for one after the other."""

Note = Callable[[Sequence[Outcome]], None]


class Refusal(NamedTuple):
    """A change that the service would not do, and its words."""

    change: Change
    account_id: int
    words: str


def push(target: Target, outcomes: Iterable[Outcome], note: Note) -> list[Refusal]:
    """Do the changes at the service; `note` is told which are done, before any that waited for them begins.

    A change waits for an earlier one of the same account, and for another to give up the username or SIS code it
    needs; where they wait in a circle, one user gets a passing name. Gives what the service refused. Raises
    OutageError where the service cannot be used: the rest is left for the next run.
    """
    work = _Work(target, outcomes, note)
    if not work.waiting:
        return []
    with Lanes[_Piece](target.client, min(LANES, work.waiting)) as lanes:
        work.through(lanes)
    return work.refusals


class _Job(NamedTuple):
    """One change on its way; where `gives_up` says a key, its user only gives that up for now."""

    outcome: Outcome
    gives_up: str = ""

    @property
    def account_id(self) -> int:
        return self.outcome.change.subject.id


class _Piece(NamedTuple):
    """How some jobs went; `outage` says why the others of them were not done."""

    done: list[tuple[_Job, Done]]
    outage: OutageError | None


class _Work:
    """The changes that are left: ready ones, and those that wait for an account or for a key."""

    def __init__(self, target: Target, outcomes: Iterable[Outcome], note: Note) -> None:
        self.refusals: list[Refusal] = []
        self.waiting = 0
        self._target, self._note = target, note
        self._ready: deque[_Job] = deque()
        self._of_account: dict[int, deque[Outcome]] = {}
        self._for_key: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            self._take(outcome)

    def _take(self, outcome: Outcome) -> None:
        self.waiting += 1
        queue = self._of_account.setdefault(outcome.change.subject.id, deque())
        queue.append(outcome)
        if len(queue) == 1:
            self._arrange(outcome)

    def _arrange(self, outcome: Outcome) -> None:
        blocked = self._target.in_the_way(outcome.change.subject.id, outcome.change.after)
        if blocked is None:
            self._ready.append(_Job(outcome))
        else:
            self._for_key.setdefault(blocked[0], []).append(outcome)

    def through(self, lanes: Lanes[_Piece]) -> None:
        """Keep the lanes busy until nothing is left. Raises OutageError, with everything settled that was done."""
        outage: OutageError | None = None
        while self.waiting or lanes.going:
            while outage is None and self._ready and lanes.going < lanes.count * _AHEAD:
                lanes.begin(self._piece(lanes.count))
            if not lanes.going:
                if outage is not None:
                    raise outage
                self._loosen()
                continue
            for piece in lanes.ended():
                outage = self._settled(piece) or outage
        if outage is not None:
            raise outage

    def _settled(self, piece: _Piece) -> OutageError | None:
        try:
            self._settle(piece.done)
        except OutageError as error:
            return error
        return piece.outage

    def _piece(self, lanes: int) -> Callable[[ScimClient], _Piece]:
        announced = self._target.announced
        most = announced.operations or min(-(-len(self._ready) // lanes), _SINGLY)
        jobs = [self._ready.popleft() for _ in range(min(len(self._ready), most))]
        return partial(_done, jobs=[(job, self._step(job)) for job in jobs], announced=announced)

    def _step(self, job: _Job) -> Step:
        user, after = self._target.users.get(job.account_id), job.outcome.change.after
        wanted = facts_of(after, extended=self._target.extended) if after is not None else None
        if job.gives_up and user is not None:
            wanted = without(user, job.gives_up)
        return Step(str(job.outcome.sequence), user, wanted)

    def _settle(self, done: list[tuple[_Job, Done]]) -> None:
        freed = [key for job, one in done for key in self._keep(job.account_id, one)]
        self._note([job.outcome for job, one in done if not job.gives_up and not one.refused])
        for job, one in done:
            if one.refused:
                self.refusals.append(Refusal(job.outcome.change, job.account_id, one.refused))
            if job.gives_up and not one.refused:
                self._arrange(job.outcome)
            else:
                self._finish(job)
        for outcome in [outcome for key in freed for outcome in self._for_key.pop(key, ())]:
            self._arrange(outcome)

    def _keep(self, account_id: int, done: Done) -> list[str]:
        if done.user is None:
            return self._target.forget(account_id)
        return self._target.keep(account_id, done.user)

    def _finish(self, job: _Job) -> None:
        self.waiting -= 1
        queue = self._of_account[job.account_id]
        queue.popleft()
        if queue:
            self._arrange(queue[0])

    def _loosen(self) -> None:
        """Nothing can begin: break the circles; where there is none, let the service say no to what cannot be."""
        held = {outcome.change.subject.id: outcome for waiting in self._for_key.values() for outcome in waiting}
        hopeless = [_Job(one) for one in held.values() if self._blocker(one) not in held]
        loose = self._circles(held) or hopeless
        self._ready.extend(loose)
        dropped = {job.outcome.sequence for job in loose}
        for key, waiting in self._for_key.items():
            self._for_key[key] = [outcome for outcome in waiting if outcome.sequence not in dropped]

    def _circles(self, held: dict[int, Outcome]) -> list[_Job]:
        """In each circle of changes that wait for each other, one user gives up what the one before it needs."""
        found: list[_Job] = []
        looked_at: set[int | None] = set()
        for first in held:
            path: set[int | None] = set()
            at: int | None = first
            key = ""
            while at in held and at not in looked_at:
                looked_at.add(at)
                path.add(at)
                key = self._needed(held[at])
                at = self._blocker(held[at])
            if at in path and at is not None:
                found.append(_Job(held[at], gives_up=key))
        return found

    def _needed(self, outcome: Outcome) -> str:
        blocked = self._target.in_the_way(outcome.change.subject.id, outcome.change.after)
        return blocked[0] if blocked is not None else ""

    def _blocker(self, outcome: Outcome) -> int | None:
        """The account whose user has what the change needs; None for a stranger's."""
        blocked = self._target.in_the_way(outcome.change.subject.id, outcome.change.after)
        return self._target.owner(blocked[1]) if blocked is not None else None


def _done(client: ScimClient, jobs: list[tuple[_Job, Step]], announced: Announced) -> _Piece:
    """Do the jobs: all in one request where they are several, and singly what is then not surely done."""
    done: list[tuple[_Job, Done]] = []
    in_bulk = announced.operations > 1 and len(jobs) > 1
    try:
        sure = make_many(client, [step for _, step in jobs], announced) if in_bulk else {}
        done = [(job, sure[step.name]) for job, step in jobs if step.name in sure]
        for job, step in jobs:
            if step.name not in sure:
                made = make(client, step.user, step.wanted, extended=announced.extended, again=in_bulk)
                done.append((job, made))
    except OutageError as outage:
        return _Piece(done, outage)
    return _Piece(done, None)
