"""Options several commands share."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from connector.domain.plan import GUARD_CODES

F = TypeVar("F", bound=Callable[..., Any])


def as_of(command: F) -> F:
    """--as-of DATE."""
    return click.option("--as-of", default="", metavar="DATE", help="Decide for this day (2026-02-27), not today.")(
        command
    )


def accept(command: F) -> F:
    """--accept CODE, as often as needed; several codes may follow one --accept."""
    return click.option(
        "--accept",
        multiple=True,
        metavar="CODE",
        callback=_codes,
        help=f"Let this refusal of the guard pass, this time only: {', '.join(GUARD_CODES)}.",
    )(command)


def _codes(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    codes = tuple(code for word in given for code in word.replace(",", " ").split())
    unknown = [code for code in codes if code not in GUARD_CODES]
    if unknown:
        raise click.BadParameter(f"{unknown[0]} is none of {', '.join(GUARD_CODES)}", ctx, param)
    return codes


def output(command: F) -> F:
    """-o FILE."""
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."
    )(command)


_OTHER_FORMS = ("pdf", "xls", "ods", "docx", "doc", "xml", "htm")


def by_suffix(path: Path, forms: Sequence[str]) -> str | None:
    """The format a file's name asks for (.html, .csv ...); None where it asks for none.

    Raises click.UsageError for one that there is not.
    """
    suffix = path.suffix.removeprefix(".").lower()
    if suffix == "txt":
        return "text"
    if suffix in _OTHER_FORMS:
        known = ", ".join(f".{one}" for one in forms if one != "text")
        raise click.UsageError(f"-o {path}: there is no format .{suffix}; name the file {known} or .txt")
    return suffix if suffix in forms else None


class CodesCommand(click.Command):
    """A command whose --accept takes every guard code that follows it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `--accept A B` as `--accept A --accept B`."""
        spread: list[str] = []
        after_accept = False
        for word in args:
            if after_accept and word in GUARD_CODES:
                spread.append("--accept") if spread[-1] != "--accept" else None
            after_accept = word == "--accept" or (after_accept and word in GUARD_CODES)
            spread.append(word)
        return super().parse_args(ctx, spread)
