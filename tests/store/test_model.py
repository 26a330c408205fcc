"""The store against a plain model, over stories that hypothesis invents."""

import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from connector.domain.errors import PlanError, StoreError
from connector.store.open import open_store
from tests.store.people import SYNC, TickingClock, archive, create, remove, rename, run, student, undo, update

NAMES = ["ann", "Ann", "bo", "bö", "cy", "di"]
CODES = ["", "S1", "s1", "S2"]
name, code = st.sampled_from(NAMES), st.sampled_from(CODES)


def key(text):
    """The folded key of the few names and codes used here."""
    return text.lower().replace("ö", "o")


class Model:
    """What the store should hold: accounts by id, and who has reserved which name."""

    def __init__(self):
        """Nothing."""
        self.accounts = {}
        self.reserved = {}
        self.last_id = 0

    def copy(self):
        """A model that can go its own way."""
        other = Model()
        other.accounts, other.reserved, other.last_id = dict(self.accounts), dict(self.reserved), self.last_id
        return other

    def after(self, changes):
        """The model when all changes are done; None where a name or a code would be held twice."""
        then = self.copy()
        for change in changes:
            if change.before is None:
                then.last_id += 1
                then.accounts[then.last_id] = change.after._replace(id=then.last_id, version=1)
            elif change.after is None:
                del then.accounts[change.before.id]
            else:
                now = then.accounts[change.before.id]
                then.accounts[now.id] = change.after._replace(id=now.id, version=now.version + 1)
        then.reserved = {one: owner for one, owner in self.reserved.items() if owner in then.accounts}
        wanted = [change for change in changes if change.after is not None and then._moves(self, change)]
        for change in wanted:
            if then.reserved.get(key(change.after.username), change.before and change.before.id) != (
                change.before and change.before.id
            ):
                return None
        names = [key(one.username) for one in then.accounts.values()]
        codes = [key(one.sis_code) for one in then.accounts.values() if one.sis_code]
        if len(set(names)) < len(names) or len(set(codes)) < len(codes):
            return None
        then._keep_left_names(self, names)
        return then

    def _moves(self, before, change):
        old = change.before and before.accounts[change.before.id]
        return old is None or key(old.username) != key(change.after.username)

    def _keep_left_names(self, before, held):
        for one in self.accounts.values():
            old = before.accounts.get(one.id)
            if old is not None and key(old.username) != key(one.username):
                self.reserved[key(old.username)] = one.id
        self.reserved = {one: owner for one, owner in self.reserved.items() if one not in held}


class StoreStory(RuleBasedStateMachine):
    """Any run of changes, kept or thrown away, undone or not, leaves the store as the model has it."""

    @initialize()
    def begin(self):
        """An empty store on disk."""
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(f"sqlite:///{Path(self.folder.name) / 't.db'}", TickingClock())
        self.model = Model()
        self.before_last = None

    def teardown(self):
        """Clean up."""
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def do(self, changes):
        """Write the changes in a run; the store takes them if the model does."""
        then = self.model.after(changes)
        if then is None:
            try:
                run(self.store, *changes)
            except StoreError:
                return
            raise AssertionError(f"the store took what it should refuse: {changes}")
        run(self.store, *changes)
        self.before_last, self.model = self.model, then

    @rule(data=st.data(), people=st.lists(st.tuples(name, code), min_size=1, max_size=3))
    def create(self, data, people):
        """Make some accounts, while others move."""
        moves = self.drawn_moves(data) if self.model.accounts and data.draw(st.booleans()) else []
        made = [create(student(username, sis_code)) for username, sis_code in people]
        self.do(data.draw(st.permutations([*made, *moves])))

    @precondition(lambda self: self.model.accounts)
    @rule(data=st.data())
    def move(self, data):
        """Rename, archive, update and remove any of the accounts in one call."""
        self.do(self.drawn_moves(data))

    def drawn_moves(self, data):
        """One change for each of some accounts."""
        chosen = data.draw(
            st.lists(st.sampled_from(list(self.model.accounts.values())), unique_by=lambda one: one.id)
        )
        kinds = {
            "rename": lambda one: rename(one, data.draw(name)),
            "recode": lambda one: update(one, sis_code=data.draw(code)),
            "archive": archive,
            "remove": remove,
        }
        return [kinds[data.draw(st.sampled_from(sorted(kinds)))](one) for one in chosen]

    @precondition(lambda self: self.before_last is not None)
    @rule()
    def undo_last(self):
        """Undoing the last run gives names, codes and reservations back; a removed account would get a new id."""
        gone = self.before_last.accounts.keys() - self.model.accounts.keys()
        if gone:
            return
        undo(self.store, self.store.runs()[0].number)
        versions = {one.id: one.version + 1 for one in self.model.accounts.values()}
        touched = {outcome.change.before.id for outcome in self.store.outcomes(self.store.runs()[0].number)}
        accounts = {
            one.id: one._replace(version=versions[one.id]) if one.id in touched else one
            for one in self.before_last.accounts.values()
        }
        last_id, self.model = self.model.last_id, self.before_last.copy()
        self.model.accounts, self.model.last_id, self.before_last = accounts, last_id, None

    @precondition(lambda self: self.model.reserved)
    @rule(data=st.data())
    def release(self, data):
        """End a reservation."""
        one = data.draw(st.sampled_from(sorted(self.model.reserved)))
        with self.store.run(SYNC) as writer:
            writer.free_name(one)
        del self.model.reserved[one]
        self.before_last = None

    @precondition(lambda self: self.model.accounts)
    @rule(data=st.data())
    def be_stale(self, data):
        """A change made for an older version is refused."""
        one = data.draw(st.sampled_from(list(self.model.accounts.values())))
        try:
            run(self.store, update(one._replace(version=one.version - 1), campus="N"))
        except PlanError:
            return
        raise AssertionError("a stale change was done")

    @invariant()
    def holds_what_the_model_holds(self):
        """Accounts, holders and reservations are equal."""
        if not hasattr(self, "model"):
            return
        with self.store.view() as view:
            assert {one.id: one for one in view.accounts()} == self.model.accounts
            holders = view.holders({key(one) for one in NAMES})
            retired = [view.retired_names(number) for number in self.model.accounts]
        expected = {key(one.username): (one.id, False) for one in self.model.accounts.values()}
        expected |= {one: (owner, True) for one, owner in self.model.reserved.items()}
        assert {one: (holder.account_id, holder.retired) for one, holder in holders.items()} == expected
        assert {key(one) for one in itertools.chain(*retired)} == set(self.model.reserved)


TestStoreStory = pytest.mark.slow(StoreStory.TestCase)
TestStoreStory.settings = settings(
    max_examples=30, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
