"""Filters of the SCIM edge as parameterised SQL conditions: a value never becomes part of a statement's text."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, exists, false, func, literal, not_, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from connector.domain.scim import Compare, Every, Neither, Order, Predicate, Present, Some, Within, account_number
from connector.mapping.keys import case_key
from connector.store.schema import (
    accounts,
    external_ids,
    outcomes,
    runs,
    scim_group_ids,
    scim_groups,
    scim_members,
    scim_people,
    scim_values,
)

Condition = ColumnElement[bool]
Test = Callable[[ColumnElement[Any], ColumnElement[Any] | None], Condition]
"""A comparison, given a text as it is and its case_key (None: to be made)."""

TRACKONE = "urn:ietf:params:scim:schemas:extension:trackone:2.0:user"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user"
USER = "urn:ietf:params:scim:schemas:core:2.0:user"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:group"


class folded(FunctionElement[str]):  # noqa: N801 - named like the function it is
    """The case_key of a text, made by the database."""

    name = "folded"
    inherit_cache = True


@compiles(folded, "sqlite")
def _folded_by_us(element: Any, compiler: Any, **options: Any) -> str:
    return f"case_key({compiler.process(element.clauses, **options)})"


@compiles(folded)
def _folded(element: Any, compiler: Any, **options: Any) -> str:
    lower = f'lower(normalize({compiler.process(element.clauses, **options)}, NFKC) COLLATE "und-x-icu")'
    # lower-case is not yet folded: these two letters are what names have of the difference
    return f"replace(replace({lower}, 'ß', 'ss'), 'ς', 'σ') COLLATE \"C\""


class place_of(FunctionElement[int]):  # noqa: N801 - named like the function it is
    """Where a text stands in another, from 1; 0 where it does not."""

    name = "place_of"
    inherit_cache = True


@compiles(place_of, "sqlite")
def _instr(element: Any, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(place_of)
def _strpos(element: Any, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


def visible(client: str) -> Condition:
    """The accounts a client may see: no System accounts, none that it deleted itself."""
    by = literal(",") + accounts.c.archived_by + ","
    theirs = and_(accounts.c.archived == 1, func.replace(by, f",scim:{client},", "") != by)
    return and_(accounts.c.user_type != "System", not_(theirs))


def person_condition(wanted: Predicate, client: str) -> Condition:
    """The condition on `accounts` that a filter on users asks for."""
    return _People(client).of(wanted)


def group_condition(wanted: Predicate, client: str) -> Condition:
    """The condition on `scim_groups` that a filter on groups asks for."""
    return _Groups(client).of(wanted)


def person_order(order: Order, client: str) -> tuple[ColumnElement[Any], ...]:
    """What `accounts` are sorted by; blank values come last, first where it is descending."""
    return _sorted(_People(client).sort_value(order.path, order.sub), accounts.c.id, descending=order.descending)


def group_order(order: Order, client: str) -> tuple[ColumnElement[Any], ...]:
    """What `scim_groups` are sorted by."""
    return _sorted(_Groups(client).sort_value(order.path, order.sub), scim_groups.c.id, descending=order.descending)


def _sorted(
    value: ColumnElement[Any], tie: ColumnElement[Any], *, descending: bool
) -> tuple[ColumnElement[Any], ...]:
    blank = or_(value.is_(None), cast(value, Text) == "")
    if descending:
        return case((blank, 0), else_=1), value.desc(), tie
    return case((blank, 1), else_=0), value.asc(), tie


def _test(wanted: Compare) -> Test:
    """What a comparison asks of a text. Only for the operators but `ne`, and for values but null."""
    given = wanted.value
    value = ("true" if given else "false") if isinstance(given, bool) else str(given)
    sought = value if wanted.exact else case_key(value)
    size = len(sought)
    blank_would_do = not sought or wanted.op in ("lt", "le")

    def test(text: ColumnElement[Any], key: ColumnElement[Any] | None = None) -> Condition:
        subject = text if wanted.exact else key if key is not None else folded(text)
        answers: Mapping[str, Callable[[], Condition]] = {
            "eq": lambda: subject == sought,
            "co": lambda: place_of(subject, literal(sought)) > 0,
            "sw": lambda: func.substr(subject, 1, size) == sought,
            "ew": lambda: and_(
                func.length(subject) >= size, func.substr(subject, func.length(subject) - size + 1) == sought
            ),
            "gt": lambda: subject > sought,
            "ge": lambda: subject >= sought,
            "lt": lambda: subject < sought,
            "le": lambda: subject <= sought,
        }
        condition = answers[wanted.op]()
        return and_(text != "", condition) if blank_would_do else condition

    return test


def _there(text: ColumnElement[Any], _key: ColumnElement[Any] | None = None) -> Condition:
    return and_(text.is_not(None), text != "")


class _Conditions:
    """A tree turned into a condition; the subclasses know what the paths are."""

    def __init__(self, client: str) -> None:
        self._client = client

    def of(self, wanted: Predicate) -> Condition:  # noqa: PLR0911 - one for each kind
        """The condition of a whole tree."""
        match wanted:
            case Every(parts):
                return and_(true(), *map(self.of, parts))
            case Some(parts):
                return or_(false(), *map(self.of, parts))
            case Neither(part):
                return not_(self.of(part))
            case Compare(path, sub, "ne"):
                return not_(self.of(wanted._replace(op="eq")))
            case Compare(path, sub, "eq", None):
                return not_(self.of(Present(path, sub)))
            case Compare(path, sub, _, value) if (
                isinstance(value, bool) and (flag := self.flag(path, sub)) is not None
            ):
                return flag if value else not_(flag)
            case Compare(path, sub):
                return self.leaf(path, sub, _test(wanted), wanted)
            case Present(path, sub):
                return self.leaf(path, sub, _there, None)
            case Within(path, part):
                return self.within(path, part)

    def flag(self, path: str, sub: str) -> Condition | None:
        """A true or false attribute; None for any other."""
        raise NotImplementedError

    def leaf(self, path: str, sub: str, test: Test, wanted: Compare | None) -> Condition:
        """A test of one attribute; `wanted` is the comparison it comes from."""
        raise NotImplementedError

    def within(self, path: str, part: Predicate) -> Condition:
        """A condition that one item of a multi-valued attribute fulfils as a whole."""
        raise NotImplementedError


def _as_shown(column: ColumnElement[Any], signs: Mapping[str, str]) -> ColumnElement[Any]:
    """A list kept as JSON, as the resource shows it: its signs replaced in turn."""
    shown = column
    for sign, instead in signs.items():
        shown = func.replace(shown, sign, instead)
    return shown


_NAME = func.trim(accounts.c.given_names + " " + accounts.c.family_name)
_USERNAME_KEY = case((accounts.c.case_key == "", accounts.c.name_key), else_=accounts.c.case_key)
_COLUMNS: Mapping[tuple[str, str], tuple[ColumnElement[Any], ColumnElement[Any] | None]] = {
    ("username", ""): (accounts.c.username, _USERNAME_KEY),
    ("name", "familyname"): (accounts.c.family_name, None),
    ("name", "givenname"): (accounts.c.given_names, None),
    (f"{TRACKONE}:usertype", ""): (accounts.c.user_type, None),
    (f"{TRACKONE}:siscode", ""): (accounts.c.sis_code, None),
    (f"{TRACKONE}:yearlevel", ""): (accounts.c.year_level, None),
    (f"{TRACKONE}:campus", ""): (accounts.c.campus, None),
    (f"{TRACKONE}:grantedroles", ""): (_as_shown(accounts.c.roles, {'["': "", '"]': "", '","': ";"}), None),
    (f"{TRACKONE}:roleprovenance", ""): (
        _as_shown(accounts.c.grants, {'[["': "", '"]]': "", '"],["': ";", '","': "="}),
        None,
    ),
    ("id", ""): (cast(accounts.c.id, Text), None),
}
_FLAGS: Mapping[tuple[str, str], Condition] = {
    ("active", ""): and_(accounts.c.approved == 1, accounts.c.archived == 0),
    (f"{TRACKONE}:lockedout", ""): accounts.c.locked_out == 1,
    (f"{TRACKONE}:overridenetworkauthentication", ""): accounts.c.override_network_authentication == 1,
}
_AS_IT_IS = and_(scim_people.c.account_id == accounts.c.id, func.abs(scim_people.c.version) == accounts.c.version)


def _run_moment(last: bool) -> ColumnElement[Any]:
    of_account = outcomes.join(runs, runs.c.number == outcomes.c.run)
    moment = func.max(runs.c.started_at) if last else func.min(runs.c.started_at)
    return select(moment).select_from(of_account).where(outcomes.c.account_id == accounts.c.id).scalar_subquery()


_CREATED = func.coalesce(
    select(scim_people.c.created).where(scim_people.c.account_id == accounts.c.id).scalar_subquery(),
    _run_moment(last=False),
)
_MODIFIED = func.coalesce(select(scim_people.c.modified).where(_AS_IT_IS).scalar_subquery(), _run_moment(last=True))


class _People(_Conditions):
    """Conditions on `accounts`."""

    def flag(self, path: str, sub: str) -> Condition | None:
        return _FLAGS.get((path, sub))

    def leaf(  # noqa: PLR0911 - one for each kind of attribute
        self, path: str, sub: str, test: Test, wanted: Compare | None
    ) -> Condition:
        column = _COLUMNS.get((path, sub))
        if (path, sub) == ("id", "") and wanted is not None and wanted.op == "eq":
            number = account_number(str(wanted.value))
            return false() if number is None else accounts.c.id == number
        if (path, sub) == ("username", "") and wanted is not None and wanted.op == "eq":
            key = case_key(str(wanted.value))
            same = and_(accounts.c.name_key == key, accounts.c.case_key == "")
            return or_(same, and_(accounts.c.case_key == key, accounts.c.case_key != ""))
        if column is not None:
            return test(*column)
        if (path, sub) in _FLAGS:
            return true() if wanted is None else test(case((_FLAGS[path, sub], "true"), else_="false"), None)
        if path == "externalid":
            return self._known_as(test)
        if path == "groups":
            return self._in_group(sub or "value", test)
        if path == "meta":
            return test({"created": _CREATED, "lastmodified": _MODIFIED}.get(sub, literal("User")), None)
        if path == "schemas":
            return self._of_schema(test)
        if (path, sub) == ("name", ""):
            parts = (accounts.c.given_names, accounts.c.family_name)
            return or_(*(test(part, None) for part in parts), self._kept(path, sub, test))
        return self._kept(path, sub, test)

    def within(self, path: str, part: "Predicate | _Leaf") -> Condition:
        if path == "groups":
            mine = and_(scim_members.c.account_id == accounts.c.id, scim_groups.c.id == scim_members.c.group_id)
            return exists().where(mine, _GroupItem(self._client).of(part)).correlate(accounts)
        item = scim_values.alias()
        mine = and_(item.c.account_id == accounts.c.id, item.c.path == path)
        found = exists().where(mine, _Item(self._client, item).of(part)).correlate(accounts)
        if path != "emails":
            return found
        return or_(found, and_(self._plain_address(), _PlainAddress(self._client).of(part)))

    def sort_value(self, path: str, sub: str) -> ColumnElement[Any]:  # noqa: PLR0911 - one for each kind of attribute
        """The text or number that people are sorted by."""
        if (path, sub) == ("id", ""):
            return accounts.c.id
        column = _COLUMNS.get((path, sub))
        if column is not None:
            text, key = column
            return key if key is not None else folded(text)
        if (path, sub) in _FLAGS:
            return case((_FLAGS[path, sub], 1), else_=0)
        if path == "meta":
            return {"created": _CREATED, "lastmodified": _MODIFIED}.get(sub, literal("User"))
        if path == "externalid":
            mine = and_(external_ids.c.account_id == accounts.c.id, external_ids.c.client == self._client)
            return select(external_ids.c.external_id).where(mine).scalar_subquery()
        if path == "emails":
            return folded(accounts.c.email)
        mine = and_(scim_values.c.account_id == accounts.c.id, scim_values.c.path == path, scim_values.c.sub == sub)
        kept = select(scim_values.c.value_key).where(mine).order_by(scim_values.c.item).limit(1).scalar_subquery()
        return func.coalesce(kept, folded(_NAME)) if path == "displayname" else kept

    def _known_as(self, test: Test) -> Condition:
        mine = and_(external_ids.c.account_id == accounts.c.id, external_ids.c.client == self._client)
        return exists().where(mine, test(external_ids.c.external_id, None)).correlate(accounts)

    def _in_group(self, sub: str, test: Test) -> Condition:
        mine = and_(scim_members.c.account_id == accounts.c.id, scim_groups.c.id == scim_members.c.group_id)
        return exists().where(mine, _GroupItem(self._client).value(sub, test)).correlate(accounts)

    def _of_schema(self, test: Test) -> Condition:
        enterprise = exists().where(
            scim_values.c.account_id == accounts.c.id, scim_values.c.path.startswith(ENTERPRISE)
        )
        always = (test(literal(urn), None) for urn in (USER, TRACKONE))
        return or_(*always, and_(test(literal(ENTERPRISE), None), enterprise.correlate(accounts)))

    def _kept(self, path: str, sub: str, test: Test) -> Condition:
        """One of the values that a SCIM client gave; the address and the name shown are there without one too."""
        if path == "emails":
            return self.within(path, _Leaf(sub or "value", test))
        mine = [scim_values.c.account_id == accounts.c.id, scim_values.c.path == path]
        if sub:
            mine.append(scim_values.c.sub == sub)
        found = exists().where(*mine, test(scim_values.c.value, scim_values.c.value_key)).correlate(accounts)
        if path != "displayname":
            return found
        return or_(found, and_(not_(exists().where(*mine).correlate(accounts)), test(_NAME, None)))

    def _plain_address(self) -> Condition:
        """An account whose address came from the SIS: it is the work address, and the only one."""
        sent = exists().where(scim_values.c.account_id == accounts.c.id, scim_values.c.path == "emails")
        return and_(accounts.c.email != "", not_(sent.correlate(accounts)))


class _Leaf(tuple[str, Test]):
    """A test of one sub-attribute, made already."""

    __slots__ = ()

    def __new__(cls, sub: str, test: Test) -> "_Leaf":
        """Keep the two together."""
        return tuple.__new__(cls, (sub, test))


class _ItemConditions(_Conditions):
    """Conditions on one item of a multi-valued attribute."""

    def of(self, wanted: "Predicate | _Leaf") -> Condition:
        """The condition of a tree, or of a test made already."""
        if isinstance(wanted, _Leaf):
            return self.value(*wanted)
        return super().of(wanted)

    def flag(self, path: str, sub: str) -> Condition | None:  # noqa: ARG002 - the shape of a _Conditions
        return None

    def leaf(self, path: str, sub: str, test: Test, wanted: Compare | None) -> Condition:  # noqa: ARG002 - the same
        return self.value(sub or "value", test)

    def within(self, path: str, part: Predicate) -> Condition:  # noqa: ARG002 - the same
        return false()

    def value(self, sub: str, test: Test) -> Condition:
        """A test of one sub-attribute of the item."""
        raise NotImplementedError


class _Item(_ItemConditions):
    """Conditions on the item that a row of scim_values belongs to."""

    def __init__(self, client: str, item: Any) -> None:
        super().__init__(client)
        self._item = item

    def value(self, sub: str, test: Test) -> Condition:
        beside, item = scim_values.alias(), self._item
        same = and_(
            beside.c.account_id == item.c.account_id,
            beside.c.path == item.c.path,
            beside.c.item == item.c.item,
            beside.c.sub == sub,
        )
        text = func.coalesce(beside.c.value, accounts.c.email)
        return exists().where(same, test(text, None)).correlate(item, accounts)


class _PlainAddress(_ItemConditions):
    """Conditions on the address that came from the SIS."""

    def value(self, sub: str, test: Test) -> Condition:
        known = {"value": accounts.c.email, "type": literal("work"), "primary": literal("true")}
        return test(known[sub], None) if sub in known else false()


class _GroupItem(_ItemConditions):
    """Conditions on one of a person's groups."""

    def value(self, sub: str, test: Test) -> Condition:
        known = {"value": scim_groups.c.id, "display": scim_groups.c.display_name, "type": literal("direct")}
        return test(known[sub], None) if sub in known else false()


class _MemberItem(_ItemConditions):
    """Conditions on one member of a group."""

    def value(self, sub: str, test: Test) -> Condition:
        known = {"value": cast(scim_members.c.account_id, Text), "type": literal("User")}
        return test(known[sub], None) if sub in known else false()


class _Groups(_Conditions):
    """Conditions on `scim_groups`."""

    def flag(self, path: str, sub: str) -> Condition | None:  # noqa: ARG002 - the shape of a _Conditions
        return None

    def leaf(  # noqa: PLR0911 - one for each kind of attribute
        self, path: str, sub: str, test: Test, wanted: Compare | None
    ) -> Condition:
        if path == "displayname":
            return test(scim_groups.c.display_name, scim_groups.c.name_key)
        if path == "id":
            return test(scim_groups.c.id, None)
        if path == "meta":
            return test(self.sort_value(path, sub), None)
        if path == "schemas":
            return test(literal(GROUP), None)
        if path == "externalid":
            mine = and_(scim_group_ids.c.group_id == scim_groups.c.id, scim_group_ids.c.client == self._client)
            return exists().where(mine, test(scim_group_ids.c.external_id, None)).correlate(scim_groups)
        if path != "members":
            return false()
        if sub in ("", "value") and wanted is not None and wanted.op == "eq":
            number = account_number(str(wanted.value))
            member = false() if number is None else scim_members.c.account_id == number
        else:
            member = _MemberItem(self._client).value(sub or "value", test)
        return exists().where(scim_members.c.group_id == scim_groups.c.id, member).correlate(scim_groups)

    def within(self, path: str, part: Predicate) -> Condition:
        if path != "members":
            return false()
        member = _MemberItem(self._client).of(part)
        return exists().where(scim_members.c.group_id == scim_groups.c.id, member).correlate(scim_groups)

    def sort_value(self, path: str, sub: str) -> ColumnElement[Any]:
        """The text that groups are sorted by."""
        if path == "displayname":
            return scim_groups.c.name_key
        if path == "meta":
            return {"created": scim_groups.c.created, "lastmodified": scim_groups.c.modified}.get(
                sub, literal("Group")
            )
        if path == "externalid":
            mine = and_(scim_group_ids.c.group_id == scim_groups.c.id, scim_group_ids.c.client == self._client)
            return select(scim_group_ids.c.external_id).where(mine).scalar_subquery()
        return scim_groups.c.id
