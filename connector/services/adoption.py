"""Under policy adopt: which existing accounts can take their network login in this plan, all together."""

from collections.abc import Iterable

from connector.domain.account import Account
from connector.domain.ports import AccountReader
from connector.domain.student import Student
from connector.planning.decide import Decider
from connector.planning.moves import settle
from connector.planning.names import Names


def settle_adoptions(
    decider: Decider, names: Names, accounts: AccountReader, pairs: Iterable[tuple[Student, Account]]
) -> None:
    """Tell the decider which renames are possible together, swaps and chains too, and free the names left."""
    wishes = {account.id: wish for student, account in pairs if (wish := decider.wish(student, account)) is not None}
    holders = accounts.holders([wish.target for wish in wishes.values()])
    ids = {key: holder.account_id for key, holder in holders.items()}
    decider.moving = settle(wishes, ids.get)
    names.free(wishes[account_id].current for account_id in decider.moving)
