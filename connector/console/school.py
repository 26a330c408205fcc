"""The school as its files say it is now."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from threading import Lock

from connector.bootstrap import build
from connector.console.sample import find_sample
from connector.domain.errors import ConfigError
from connector.domain.ports import Clock
from connector.domain.ruleset import RuleSet
from connector.domain.student import Student
from connector.services.decision import Request
from connector.services.parts import Parts
from connector.settings.load import load_settings
from connector.settings.mapping_file import extra_columns, load_rules
from connector.settings.toml_edit import Edit, edited
from connector.settings.values import Settings

DIFFERS = frozenset({"username-differs", "login-belongs-to-another", "whitespace-differs", "fold-differs"})
"""The findings of an alignment that mean another login."""
Stamp = tuple[tuple[str, int, int], ...]


class School:
    """connector.toml with its mapping file, read again whenever one of them has changed."""

    def __init__(self, config: Path, environ: Mapping[str, str], clock: Clock) -> None:
        self._config = config.absolute()
        self._environ = environ
        self._clock = clock
        self._lock = Lock()
        self._read: tuple[Stamp, Settings, Parts] | None = None
        self._sample: tuple[Stamp, Student] | None = None
        self._differing: tuple[datetime, frozenset[str]] | None = None

    @property
    def settings(self) -> Settings:
        """The checked configuration. Raises ConfigError."""
        return self._now()[1]

    @property
    def parts(self) -> Parts:
        """The school, ready to work. Raises ConfigError and StoreError."""
        return self._now()[2]

    def request(self, accept: tuple[str, ...] = ()) -> Request:
        """A request by a person, for the configured day or today."""
        text = self.settings.sis.as_of
        day = date.fromisoformat(text) if text else self._clock().astimezone().date()
        return Request(day, attended=True, accept=accept)

    def sample(self) -> Student:
        """A student to show the options on. Raises ConnectorError."""
        stamp, _settings, parts = self._now()
        if self._sample is None or self._sample[0] != stamp:
            self._sample = (stamp, find_sample(parts.source, self.request().as_of))
        return self._sample[1]

    def differing(self) -> frozenset[str]:
        """The SIS codes whose username was another than the network login in the last alignment."""
        records, scope = self.parts.alignments, self.parts.scope
        last = records.alignments(scope, 1) if records is not None else []
        if records is None or not last:
            return frozenset()
        if self._differing is None or self._differing[0] != last[-1].at:
            codes = {key.subject for key in records.last_findings(scope) if key.code in DIFFERS}
            self._differing = (last[-1].at, frozenset(codes))
        return self._differing[1]

    def drafted_rules(self, edit: Edit) -> RuleSet:
        """The rules that the mapping file would hold with the edit made; nothing is written. Raises ConfigError."""
        settings = self.settings
        if not edit.sections and not edit.username_rules:
            return settings.rules
        file = Path(settings.rules.path)
        with tempfile.TemporaryDirectory() as folder:
            draft = Path(folder) / file.name
            draft.write_text(edited(file.read_text("utf-8-sig"), edit), encoding="utf-8")
            try:
                rules = load_rules(draft, state=settings.school.state, known_roles=settings.store.roles)
            except ConfigError as error:
                raise ConfigError(error.message.replace(str(draft), file.name), hint=error.hint) from None
        return replace(rules, path=settings.rules.path)

    def with_rules(self, rules: RuleSet) -> Parts:
        """The school as it would work by other rules. Raises ConfigError."""
        settings = self.settings
        if rules.fingerprint == settings.rules.fingerprint:
            return self.parts
        sis = replace(settings.sis, extra_columns=extra_columns(rules))
        return build(replace(settings, rules=rules, sis=sis), self._environ, self._clock)

    def _now(self) -> tuple[Stamp, Settings, Parts]:
        with self._lock:
            if self._read is None or _stamp(self._config, self._read[1]) != self._read[0]:
                settings = load_settings(self._config, self._environ)
                parts = build(settings, self._environ, self._clock)
                self._read = (_stamp(self._config, settings), settings, parts)
            return self._read


def _stamp(config: Path, settings: Settings) -> Stamp:
    """What tells whether a file was changed; one that cannot be looked at counts as changed."""
    return tuple(_mark(file) for file in (config, Path(settings.rules.path)))


def _mark(file: Path) -> tuple[str, int, int]:
    try:
        found = file.stat()
    except OSError:
        return (str(file), 0, 0)
    return (str(file), found.st_mtime_ns, found.st_size)
