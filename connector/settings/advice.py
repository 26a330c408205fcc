"""What a valid configuration leaves open that a school should decide, in one line each."""

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from connector.domain.ruleset import UsernameRules
from connector.settings.conditions import tests_of
from connector.settings.connector_model import ConnectorFile, DirectoryTable
from connector.settings.key_lines import KeyPath
from connector.settings.values import Settings


def advice(config: ConnectorFile, settings: Settings, from_environment: Collection[KeyPath]) -> Iterator[str]:
    """Every point worth a look, each naming the key and the next step."""
    yield from _sis(config)
    yield from _rules(settings)
    yield from _cohorts(settings)
    for section, url in (("sis", config.sis.url), ("store", config.store.url)):
        if _password(url) and (section, "url") not in from_environment:
            variable = f"TRACKONE__{section.upper()}__URL"
            yield f"[{section}] url holds a password that everybody who reads the file sees; set {variable} instead"
    if config.directory and not config.directory.url.startswith("ldif:"):
        yield from _directory(config.directory)


def _sis(config: ConnectorFile) -> Iterator[str]:
    sis = config.sis
    if sis.reader in ("csv", "oneroster"):
        for key in ("url", "query"):
            if getattr(sis, key):
                yield f'[sis] {key} is not used with reader = "{sis.reader}"; take it out or change the reader'
        if sis.connection.model_fields_set:
            yield f'[sis.connection] is not used with reader = "{sis.reader}"; take it out or change the reader'
    if sis.as_of:
        yield f"[sis] as_of = {sis.as_of} judges every run by that day; take it out for daily runs"


def _rules(settings: Settings) -> Iterator[str]:
    rules, file = settings.rules, settings.rules.path
    tests = [test for rule in rules.roles.rules for test in tests_of(rule.when)]
    if settings.directory is None and any(test.subject == "ldap_group" for test in tests):
        yield f"{file}: role rules ask for directory groups; without [directory] in connector.toml they give nothing"
    flags = sorted({word for test in tests if test.subject == "flag" for word in test.values})
    if flags and settings.sis.reader == "csv" and not _has_column(settings, "flags"):
        yield f"{file}: role rules ask for flags ({', '.join(flags)}); name their columns in [sis.columns] flags"
    years = [set(test.values) for test in tests if test.subject == "year"]
    years.append(set(rules.scope.year_levels or ()))
    if not settings.school.state and any("K" in each and "PK" not in each for each in years):
        yield f'{file}: rules name year level K; set [school] state, which decides what a bare "K" means'


def _cohorts(settings: Settings) -> Iterator[str]:
    """Names that hold the year of finishing, where only the calendar says which school year it is."""
    usernames = settings.rules.usernames
    ways = (usernames, *(rules for _when, rules in usernames.overrides))
    if settings.school.school_year is None and any(map(_names_cohort, ways)):
        yield (
            f"{settings.rules.path}: usernames hold the year of finishing, counted from the calendar year: between "
            "New Year and the roll-over in the SIS they would be a year off; set [school] school_year, and raise it "
            "when the SIS rolls over"
        )


def _names_cohort(rules: UsernameRules) -> bool:
    texts = (rules.prefix, rules.suffix, rules.template)
    return rules.method == "cohort_initial_surname" or any("{cohort" in text.replace(" ", "") for text in texts)


def _has_column(settings: Settings, field: str) -> bool:
    optional = settings.sis.preset_options.get("optional", {})
    return bool(settings.sis.columns.get(field)) or (isinstance(optional, dict) and field in optional)


def _directory(directory: DirectoryTable) -> Iterator[str]:
    if not directory.bind_dn:
        yield "[directory] bind_dn is not set: the directory is read anonymously, which most refuse or cut short"
    if directory.allow_plaintext:
        yield "[directory] allow_plaintext sends the password in clear; only for tests on this machine"


def _password(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:
        return None
