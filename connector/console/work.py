"""Work that takes longer than a page: done beside the requests, watched from a page of its own."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

from connector.domain.errors import ConnectorError
from connector.domain.ports import Progress

KEPT = 200
"""So many pieces of finished work are remembered."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Work:
    """One piece of work; `leads_to` is where its page goes when it is done, `result` what it made, if not kept.

    `known` is the last total that was told.
    """

    id: str
    owner: str
    title: str
    back: str
    phase: str = "Starting"
    done: int = 0
    total: int | None = None
    known: int = 0
    ended: bool = False
    leads_to: str = ""
    message: str = ""
    hint: str = ""
    result: Any = None

    def tell(self, phase: str, done: int, total: int | None) -> None:
        """How far it is; a phase that does not know its total is taken to be as long as the last one that did."""
        self.known = total or self.known
        self.phase, self.done, self.total = phase, done, total or (self.known if 0 < done <= self.known else None)

    @property
    def failed(self) -> bool:
        """Whether it ended without what was wanted."""
        return self.ended and bool(self.message)


Task = Callable[[Work, Progress], str]
"""Does the work and returns the address of its result."""


@dataclass(slots=True)
class Works:
    """The work of one console, by id and by what it is about, so that nothing is begun twice."""

    token: Callable[[], str]
    _by_id: dict[str, Work] = field(default_factory=dict)
    _by_topic: dict[str, Work] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, topic: str, owner: str, title: str, back: str, task: Task) -> Work:
        """Begin a piece of work; where one on the same topic is going on, that one."""
        with self._lock:
            going = self._by_topic.get(topic)
            if going is not None and not going.ended:
                return going
            work = Work(self.token(), owner, title, back)
            self._by_id[work.id] = self._by_topic[topic] = work
            self._forget()
        Thread(target=_do, args=(work, task), name=f"work {topic}").start()
        return work

    def find(self, work_id: str) -> Work | None:
        """The piece of work with that id, or None."""
        return self._by_id.get(work_id)

    def on(self, topic: str) -> Work | None:
        """The latest piece of work on a topic, or None."""
        return self._by_topic.get(topic)

    def _forget(self) -> None:
        ended = [work for work in self._by_id.values() if work.ended]
        for work in ended[: max(0, len(self._by_id) - KEPT)]:
            del self._by_id[work.id]
        self._by_topic = {topic: work for topic, work in self._by_topic.items() if work.id in self._by_id}


def _do(work: Work, task: Task) -> None:
    try:
        work.leads_to = task(work, work.tell)
    except ConnectorError as error:
        work.message, work.hint = error.message, error.hint
    except Exception:
        log.exception("work on %s failed", work.title)
        work.message = "Something went wrong that the console does not know."
        work.hint = "The log of the console tells what."
    finally:
        work.ended = True
