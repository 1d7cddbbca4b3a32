"""The commands that find failures and repair them: check, apply and map.

Nothing but click is imported before a command runs: `fixer --help` must be fast.
"""

import os
import sys
from typing import TYPE_CHECKING

import click

from fixer.cli import console, options
from fixer.cli.exit_codes import ERROR, INTERRUPTED, NOTHING, SOMETHING
from fixer.cli.given import Given, gathered
from fixer.cli.help_pages import Heading, command, option

if TYPE_CHECKING:
    from fixer.model import Report
    from fixer.settings import Settings


@command(
    "check",
    short_help="List failures.",
    examples=(
        ("fixer check .", "check all templates in this folder and below"),
        ("fixer check . --select W3005,noecho-username", "look for a cfn-lint rule and a transform"),
        ("fixer check . --write-baseline .fixer-baseline.json", "record what an old repository has"),
        ("fixer check . --format sarif --output fixer.sarif", "write a file for code scanning"),
    ),
)
@options.some_paths
@options.selection
@options.skip_others
@option(
    Heading.ACTION,
    "--write-baseline",
    "new_baseline",
    metavar="FILE",
    help="Record the findings in FILE as a baseline, and exit with 0.",
)
@option(
    Heading.FINDINGS,
    "--only-repairable",
    is_flag=True,
    help="Leave out cfn-lint's errors that no transform takes up.",
)
@options.lint
@options.allow_plugins
@options.history
@options.speed
@options.output
@option(Heading.OUTPUT, "--diff", "with_diff", is_flag=True, help="Show the repair of each failure as a diff below it.")
@option(Heading.OUTPUT, "--statistics", is_flag=True, help="Count the failures of each kind instead of listing them.")
@option(Heading.OUTPUT, "-v", "--verbose", is_flag=True, help="Also explain why each failure matters.")
@gathered
def check(
    paths: tuple[str, ...],
    new_baseline: str | None,
    form: str,
    output: str | None,
    with_diff: bool,
    statistics: bool,
    verbose: bool,
    quiet: bool,
    exit_zero: bool,
    given: Given,
) -> None:
    """List the failures in the templates at PATH: files, folders, globs, or - for standard input. Without PATH: in
    this folder and below.

    A star marks a failure that `fixer apply` can repair. cfn-lint's errors that no transform takes up are listed, too.
    """
    from fixer.engine.selection import IN_REVIEW
    from fixer.inputs import baseline
    from fixer.report import formats, readable
    from fixer.run import commands as run

    paths = paths or (os.curdir,)
    report = run.check(paths, given.settings(), console.standard_input(paths), console.checking)
    console.tell(report)
    if new_baseline:
        found = [each.finding for each in report.resolutions]
        found += [each for template in report.templates for each in template.unrepaired]
        console.emit(baseline.render(found, new_baseline), new_baseline)
        click.echo(f"{console.counted(len(found), 'finding')} recorded in {new_baseline}.", err=True)
        _leave(report, False)
    if form in formats.FORMATS:
        console.emit(formats.FORMATS[form](report), output)
    else:
        view = readable.View(
            console.width(), output is None and console.colour(sys.stdout), diff=with_diff, verbose=verbose
        )
        shown = readable.statistics if statistics else readable.concise if form == "concise" else readable.findings
        console.emit(shown(report, view), output)
        if not quiet:
            click.echo(readable.found_line(report), err=True)
    is_open = any(each.reason != IN_REVIEW for each in report.resolutions)
    is_open = is_open or any(each.unrepaired for each in report.templates)
    _leave(report, is_open and not exit_zero)


@command(
    "apply",
    short_help="Repair: print a diff, or --write.",
    examples=(
        ("fixer apply lib/", "print the repair as a diff that `git apply` takes"),
        ("fixer apply lib/ --write", "write the safe repairs and those for review"),
        ("fixer apply lib/ --write --undeployed", "allow more, because no stack is deployed yet"),
        ("fixer apply lib/ --review", "decide patch by patch"),
        ("fixer apply . --requirements PROMPT.md", "repair what a document requires, too"),
        ("fixer apply - < in.yaml --write > out.yaml", "repair a template in a pipe"),
    ),
)
@options.paths
@option(
    Heading.ACTION, "--write", is_flag=True, help="Write the proven repairs. Without this option, apply prints a diff."
)
@options.selection
@option(Heading.ACTION, "--review", is_flag=True, help="Ask about each patch, then write those that were accepted.")
@option(
    Heading.ACTION,
    "--forget",
    is_flag=True,
    help="With --review: ask also about patches that were skipped in earlier reviews.",
)
@options.skip_others
@options.limits
@options.lint
@options.history
@options.second_opinion
@options.allow_plugins
@option(Heading.ACTION, "--patches", metavar="DIR", help="Write each patch (RFC 6902) to a file in DIR.")
@options.speed
@options.output
@gathered
def apply(
    paths: tuple[str, ...],
    write: bool,
    review: bool,
    forget: bool,
    patches: str | None,
    form: str,
    output: str | None,
    quiet: bool,
    exit_zero: bool,
    given: Given,
) -> None:
    """Repair the templates at PATH. Without --write, print the repair as a diff and write nothing.

    fixer applies the repairs that are safe or for review. It lists those that may harm a deployed stack, with the
    option that allows each. It proves every patch first: the patched data equals what jsonpatch produces, the failure
    is gone, and cfn-lint reports nothing new.
    """
    from fixer.outputs.patch_files import write_patches
    from fixer.report import formats
    from fixer.run import commands as run

    if review:
        if form != "text":
            raise click.UsageError("--review asks a person: it cannot be used with --format")
        report, write = _reviewed(paths, given.settings(), forget), True
    else:
        report = run.apply(paths, given.settings(), write, console.standard_input(paths), console.with_progress)
    if patches:
        write_patches(report, patches)
    console.tell(report)
    if form in formats.FORMATS:
        console.emit(formats.FORMATS[form](report), output)
    else:
        console.show_repair(report, write, output, quiet)
    _leave(report, _has_more_to_do(report, write) and not exit_zero)


@command(
    "map",
    short_help="Map a failure list to transforms.",
    examples=(
        ("fixer map FAILURES.md", "show which transform repairs which failure"),
        ("fixer map FAILURES.md lib/ --requirements PROMPT.md", "look for each failure in these templates, too"),
    ),
)
@click.argument("document", metavar="FAILURES.md")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@options.more_failures
@options.required
@options.speed
@options.result_format("text", "json", help="Choose the format: for people or for programs.")
@options.details
@options.result
@gathered
def map_(
    document: str,
    more: tuple[str, ...],
    paths: tuple[str, ...],
    form: str,
    verbose: bool,
    output: str | None,
    exit_zero: bool,
    given: Given,
) -> None:
    """Show which transform repairs each failure in a failure list.

    With PATH, also show whether the failure is present in these templates, is absent, or cannot be repaired by a patch,
    and why. Each listed failure counts as a requirement. A failure list is Markdown or text, or the comments of a
    GitHub pull request as JSON.
    """
    from fixer.engine.failure_map import State
    from fixer.report import failure_map as map_report
    from fixer.run import commands as run

    documents = (document, *more)
    failures, report = run.map_failures(documents, paths, given.settings(), console.standard_input(paths))
    if report:
        console.tell(report)
    if form == "json":
        console.emit(map_report.as_json(failures), output)
    else:
        coloured = output is None and console.colour(sys.stdout)
        console.emit(map_report.as_text(failures, console.width(), coloured, verbose), output)
        click.echo(map_report.totals(failures), err=True)
    is_open = any(each.state in (State.PRESENT, State.NO_PATCH) for each in failures)
    sys.exit(ERROR if report and report.errors else SOMETHING if is_open and not exit_zero else NOTHING)


def _reviewed(paths: tuple[str, ...], settings: "Settings", forget: bool) -> "Report":
    """The report of a review by the person at the terminal; exits when they stop without writing."""
    if "-" in paths or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("--review asks a person: standard input and output must be a terminal")
    from fixer.review.questions import Stopped
    from fixer.review.screen import Screen
    from fixer.run import commands as run

    screen = Screen()
    try:
        return run.review(paths, settings, screen.ask, forget, screen.busy)
    except Stopped as stopped:
        kept = f" The same command continues from {console.counted(stopped.kept, 'decision')}." if stopped.kept else ""
        click.echo(f"Nothing was written.{kept}", err=True)
        sys.exit(SOMETHING)
    except KeyboardInterrupt:
        click.echo("\nStopped; nothing was written. The same command continues from the decisions so far.", err=True)
        sys.exit(INTERRUPTED)


def _has_more_to_do(report: "Report", write: bool) -> bool:
    from fixer.model import Outcome

    failed = report.count(Outcome.FAILED, Outcome.UNVERIFIED, Outcome.CONFLICT)
    return bool(failed if write else failed + report.count(Outcome.WOULD_APPLY))


def _leave(report: "Report", something: bool) -> None:
    sys.exit(ERROR if report.errors else SOMETHING if something else NOTHING)
