"""Which entries of a directory are looked at."""

from dataclasses import dataclass

from connector.directory.attributes import RawAttributes
from connector.directory.filter import Filter, parse_filter
from connector.domain.errors import ConfigError
from connector.mapping.dn import Dn, is_under, parse_dn
from connector.settings.values import DirectorySettings


@dataclass(frozen=True, slots=True)
class Scope:
    """The bases, the filter and the exclusions of [directory]; an exclusion is a DN or a filter."""

    bases: tuple[Dn, ...] = ()
    filter: Filter | None = None
    excluded: tuple[Dn, ...] = ()
    excluding: tuple[Filter, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The attributes the filters look at, in lower case."""
        filters = self.excluding if self.filter is None else (*self.excluding, self.filter)
        return frozenset[str]().union(*(one.names for one in filters))

    @property
    def asks_where(self) -> bool:
        """Whether the place of an entry decides anything."""
        return bool(self.bases or self.excluded)

    def admits(self, place: Dn, raw: RawAttributes) -> bool:
        """Whether an entry at that place is looked at."""
        if self.bases and not any(is_under(place, base) for base in self.bases):
            return False
        if any(is_under(place, base) for base in self.excluded):
            return False
        if self.filter is not None and not self.filter.matches(raw):
            return False
        return not self.excluding or not any(one.matches(raw) for one in self.excluding)


def scope_of(settings: DirectorySettings) -> Scope:
    """The scope of a configuration. Raises ConfigError for a DN or filter that cannot be understood."""
    rules = settings.exclude
    return Scope(
        bases=tuple(_parse("bases", dn) for dn in settings.bases),
        filter=parse_filter(settings.filter) if settings.filter else None,
        excluded=tuple(_parse("exclude", rule) for rule in rules if not rule.startswith("(")),
        excluding=tuple(parse_filter(rule) for rule in rules if rule.startswith("(")),
    )


def _parse(key: str, text: str) -> Dn:
    try:
        return parse_dn(text)
    except ValueError as error:
        hint = 'Write it as in "OU=Students,DC=school,DC=example".'
        raise ConfigError(f"[directory] {key}: {text!r} is not a DN: {error}", hint=hint) from error
