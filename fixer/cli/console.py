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
COLOUR = "FIXER_COLOR"
"""The environment variable with the wish of --color: auto, always or never."""


def show_repair(report: "Report", write: bool, output: str | None, quiet: bool = False) -> None:
    """The diff and the summary of a dry run, or the summary of what was written; no summary if it is to be quiet."""
    from fixer.report import readable, text
    from fixer.report.diff import all_diffs

    def summary(stream: TextIO) -> str:
        return "" if quiet else readable.summary(report, readable.View(width(), colour(stream)))

    piped = [template.after for template in report.templates if template.path == "-"]
    if write:
        if not piped:
            _put(summary(sys.stdout), sys.stdout)
            return
        emit("".join(piped), output)
        _put_aside(summary(sys.stderr))
        return
    coloured = output is None and colour(sys.stdout)
    emit("".join(text.diff(each, coloured) for each in all_diffs(report)), output)
    _put_aside(summary(sys.stderr))


def tell(report: "Report") -> None:
    """What was understood of requirements, the warnings and the errors."""
    from fixer.report import text

    click.echo(text.understood(report), err=True, nl=False)
    warn(report.warnings)
    for error in report.errors:
        click.echo(f"fixer: {one_line(str(error))}", err=True)


def warn(warnings: Iterable[str]) -> None:
    """Prints warnings, a line each."""
    for warning in warnings:
        click.echo(f"fixer: warning: {one_line(warning)}", err=True)


def recover(*folders: str) -> None:
    """Completes or reverts the runs that were interrupted in the projects of these folders, and says so."""
    from fixer.outputs.recovery import recover

    warn(recover(folders))


def emit(text: str, output: str | None) -> None:
    """Writes the command's result, byte for byte as it is. A symbolic link out of the repository is not followed.

    Raises BadConfig if it cannot be written.
    """
    if output is None:
        _put(text, sys.stdout)
        return
    from fixer.errors import BadConfig
    from fixer.outputs.places import confined

    try:
        with open(confined(output), "wb") as file:
            file.write(_encoded(text))
    except OSError as error:
        raise BadConfig(f"cannot be written: {error.strerror or error}", output) from error


def _put(text: str, stream: TextIO) -> None:
    """Writes text as UTF-8 whatever the locale, line ends as they are. Raises BadConfig if it cannot be written."""
    from fixer.errors import BadConfig

    try:
        stream.flush()
        stream.buffer.write(_encoded(text))
        stream.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BadConfig(f"the result cannot be printed: {error.strerror or error}") from error


def _put_aside(text: str) -> None:
    """Writes to standard error, unless it is closed."""
    if sys.stderr is not None:
        _put(text, sys.stderr)


def _encoded(text: str) -> bytes:
    """The text as UTF-8. What UTF-8 cannot express (half of a character, from a file name) becomes an escape."""
    return text.encode(errors="backslashreplace")


def colour(stream: TextIO | None) -> bool:
    """Whether to colour a stream (None: it is closed): as --color says, else as FORCE_COLOR, CLICOLOR_FORCE and
    NO_COLOR say, else if it is a terminal that can (TERM is not "dumb").

    Sources: https://no-color.org, https://force-color.org, https://bixense.com/clicolors/
    """
    wish = os.environ.get(COLOUR, "auto")
    if stream is None or wish != "auto":
        return stream is not None and wish == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    """How many columns the terminal has; 120 where there is none."""
    import shutil

    return shutil.get_terminal_size((120, 24)).columns


def one_line(text: str) -> str:
    """The text without anything that moves the cursor of a terminal or ends the line."""
    from fixer.report import text as report_text

    return report_text.one_line(text)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 edit", "2 edits"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def standard_input(paths: tuple[str, ...]) -> bytes:
    """The bytes of standard input if one of the paths is -; else none. Raises BadConfig if it is closed."""
    if "-" not in paths:
        return b""
    if sys.stdin is None:
        from fixer.errors import BadConfig

        raise BadConfig("standard input is closed: give the template to it, or name a file")
    from fixer.inputs.discovery import LARGEST

    return sys.stdin.buffer.read(LARGEST + 1)  # One byte more than a template may have, which is then refused.


def checking(played: "Iterable[Done]", total: int) -> "Iterator[Done]":
    """The projects as they are done, with the progress bar of `check`."""
    return with_progress(played, total, "checking")


def with_progress(played: "Iterable[Done]", total: int, label: str = "repairing") -> "Iterator[Done]":
    """The projects as they are done. A progress bar is on standard error if that is a terminal and there are many
    templates; `total` is their number.
    """
    if total < _PROGRESS_FROM or sys.stderr is None or not sys.stderr.isatty():
        yield from played
        return
    with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
        for part, report in played:
            yield part, report
            bar.update(len(part.scope))
