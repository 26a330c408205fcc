"""Whom the alignment is about, and everybody else it must know of to judge them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from connector.domain.student import Status


class Person(NamedTuple):
    """An active student in scope, with the username of the account or, before there is one, the proposed one.

    `username` is the live account's, else mapping's proposal before the directory has a say (`proposed`), else
    empty; then `refusal` says why in words, `reason` as the code of a skip or finding, `remedy` what to do, and
    `wanted` the first choice where that name was refused because somebody has it. `cohort` is the year of finishing,
    `intake` the year of entry. `stable_id` is the directory's id the account was last linked by.
    """

    sis_code: str
    username: str = ""
    proposed: bool = False
    wanted: str = ""
    refusal: str = ""
    reason: str = ""
    remedy: str = ""
    given: str = ""
    family: str = ""
    legal_given: str = ""
    legal_family: str = ""
    year_level: str = ""
    cohort: int | None = None
    intake: int | None = None
    campus: str = ""
    email: str = ""
    stable_id: str = ""


@dataclass(frozen=True, slots=True)
class Others:
    """Everybody but the population.

    `statuses` gives the status of SIS codes that were read, `archived` the SIS codes of archived accounts, `known`
    further SIS codes that somebody has: rejected rows, accounts of every type. The population's may be among them.
    `usernames` says who holds or has reserved a username outside of the population, in words
    (`the Staff account T12`), `accounts` are the usernames of the live accounts among them. `duplicates` says
    where a SIS code stands that the SIS gives twice (`students.csv:4 and 9`). `complete` is False when
    absence from the SIS read means nothing.
    """

    statuses: Mapping[str, Status] = field(default_factory=dict)
    archived: Collection[str] = ()
    known: Collection[str] = ()
    usernames: Mapping[str, str] = field(default_factory=dict)
    accounts: Collection[str] = ()
    duplicates: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
