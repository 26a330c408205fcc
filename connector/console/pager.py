"""Which page of a long list is shown."""

from typing import NamedTuple

from flask import request

from connector.console.pages import address_with


class Pager(NamedTuple):
    """The place in a list of `total` rows, `size` of them a page; `number` counts from 1."""

    number: int
    size: int
    total: int = 0

    @classmethod
    def asked(cls, size: int) -> "Pager":
        """The page the address asks for."""
        text = request.args.get("page", "1")
        return cls(max(1, int(text)) if text.isdecimal() and len(text) < 8 else 1, size)

    def of(self, total: int) -> "Pager":
        """The same page, now that it is known how many rows there are."""
        return self._replace(total=total)

    @property
    def start(self) -> int:
        """The first row's place, from 0."""
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        """The first row's number as people count; 0 where there is none."""
        return self.start + 1 if self.total > self.start else 0

    @property
    def last(self) -> int:
        """The last row's number."""
        return min(self.start + self.size, self.total)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.size))

    def address(self, number: int) -> str:
        """The address of another page."""
        return address_with(page=number if number > 1 else None)
