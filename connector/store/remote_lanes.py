"""Several connections to a service at once, each with a thread that does one piece of work after another."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import TracebackType
from typing import Generic, Self, TypeVar

from connector.store.remote_client import ScimClient

T = TypeVar("T")


class Lanes(Generic[T]):
    """At most `count` pieces of work at a time; `going` are on their way or wait for a lane.

    The threads end with the `with` block; where it ends with an error they are left to themselves, so that
    nobody who wants to stop waits for a service.
    """

    def __init__(self, client: ScimClient, count: int) -> None:
        self.count = count
        self.going = 0
        self._clients = [client, *(client.another() for _ in range(count - 1))]
        self._work: SimpleQueue[Callable[[ScimClient], T] | None] = SimpleQueue()
        self._ended: SimpleQueue[T | Exception] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, args=(one,), name="scim-lane", daemon=True) for one in self._clients
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        while not self._work.empty():
            self._work.get()
        for _ in self._threads:
            self._work.put(None)
        if kind is None or self.going == 0:
            for thread in self._threads:
                thread.join()

    def begin(self, work: Callable[[ScimClient], T]) -> None:
        """Have the work done when a lane is free."""
        self.going += 1
        self._work.put(work)

    def ended(self) -> list[T]:
        """What has been given since the last time, at least one. Raises what a piece of work raised."""
        found = [self._ended.get()]
        while not self._ended.empty():
            found.append(self._ended.get())
        self.going -= len(found)
        for one in found:
            if isinstance(one, Exception):
                raise one
        return [one for one in found if not isinstance(one, Exception)]

    def _run(self, client: ScimClient) -> None:
        while (work := self._work.get()) is not None:
            try:
                self._ended.put(work(client))
            except Exception as error:  # noqa: BLE001 - raised in the thread of who asked for the work
                self._ended.put(error)
        if client is not self._clients[0]:
            client.session.close()
