"""What a command reads and prints: results go to standard output or a file, everything else to standard error."""

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from fixer.model import Report
    from fixer.run.commands import Done

_PROGRESS_FROM = 5


def show_repair(report: "Report", write: bool, output: str | None) -> None:
    """The diff and the summary of a dry run, or the summary of what was written."""
    from fixer.report import text
    from fixer.report.diff import all_diffs

    piped = [template.after for template in report.templates if template.path == "-"]
    if write:
        emit("".join(piped), output) if piped else None
        stream = sys.stderr if piped else sys.stdout
        _put(text.summary(report, width(), colour(stream)), stream)
        return
    coloured = output is None and colour(sys.stdout)
    emit("".join(text.diff(each, coloured) for each in all_diffs(report)), output)
    _put(text.summary(report, width(), colour(sys.stderr)), sys.stderr)


def tell(report: "Report") -> None:
    """What was understood of requirements, the warnings and the errors."""
    from fixer.report import text

    click.echo(text.understood(report), err=True, nl=False)
    warn(report.warnings)
    for error in report.errors:
        click.echo(f"fixer: {error}", err=True)


def warn(warnings: Iterable[str]) -> None:
    """Prints warnings, a line each."""
    for warning in warnings:
        click.echo(f"fixer: warning: {warning}", err=True)


def emit(text: str, output: str | None) -> None:
    """Writes the command's result, byte for byte as it is."""
    if output is None:
        _put(text, sys.stdout)
        return
    from fixer.errors import BadConfig

    try:
        with open(output, "wb") as file:
            file.write(text.encode())
    except OSError as error:
        raise BadConfig(f"cannot be written: {error.strerror or error}", output) from error


def _put(text: str, stream: TextIO) -> None:
    """Writes text as UTF-8 whatever the locale, line ends as they are."""
    stream.flush()
    stream.buffer.write(text.encode())
    stream.buffer.flush()


def colour(stream: TextIO) -> bool:
    """Whether to colour what goes to a stream: a terminal, unless NO_COLOR (no-color.org) is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def width() -> int:
    """How many columns the terminal has; 120 where there is none."""
    import shutil

    return shutil.get_terminal_size((120, 24)).columns


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 edit", "2 edits"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def standard_input(paths: tuple[str, ...]) -> bytes:
    """The bytes of standard input if one of the paths is -; else none."""
    return sys.stdin.buffer.read() if "-" in paths else b""


def with_progress(played: "Iterable[Done]", total: int) -> "Iterator[Done]":
    """The projects as they are done. A progress bar is on standard error if that is a terminal and there are many
    templates; `total` is their number.
    """
    if total < _PROGRESS_FROM or not sys.stderr.isatty():
        yield from played
        return
    with click.progressbar(length=total, label="repairing", file=sys.stderr) as bar:
        for part, report in played:
            yield part, report
            bar.update(len(part.scope))
