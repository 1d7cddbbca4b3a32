"""The options that commands share, and the settings that they come to.

Nothing but click is imported before a command runs: `fixer --help` must be fast.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from pathlib import Path

    from fixer.settings import Settings

_F = TypeVar("_F", bound=Callable[..., Any])


def together(*options: Callable[[_F], _F]) -> Callable[[_F], _F]:
    """Options as one decorator, in their order."""

    def decorate(command: _F) -> _F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def completed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The ids that a shell may complete the last of several to."""
    from fixer.transforms import TRANSFORMS

    before, comma, start = incomplete.rpartition(",")
    return [before + comma + transform.id for transform in TRANSFORMS if transform.id.startswith(start)]


paths = click.argument("paths", nargs=-1, required=True, metavar="PATH...")
required = together(
    click.option("--require", multiple=True, metavar="NAME[=VALUE],..", help="Requirements that hold."),
    click.option(
        "--requirements", "documents", multiple=True, metavar="FILE", help="Requirements read from a document."
    ),
    click.option("--set", "values", multiple=True, metavar="ID.NAME=VALUE", help="A value that a repair takes."),
)
selection = together(
    click.option(
        "--select",
        multiple=True,
        metavar="ID,..",
        help="Only these (transform or cfn-lint rule).",
        shell_complete=completed,
    ),
    click.option("--ignore", multiple=True, metavar="ID,..", help="All but these.", shell_complete=completed),
    click.option("--baseline", "baselines", multiple=True, metavar="FILE", help="Findings not to be told of."),
    click.option("--failures", "reviews", multiple=True, metavar="FILE", help="Only what these failure reviews list."),
    required,
    click.option(
        "--undeployed", is_flag=True, help="No stack exists yet: what only a deployed one makes unsafe is not."
    ),
)
speed = together(
    click.option("-j", "--jobs", type=click.IntRange(0), default=0, help="Processes side by side; 0: one per core."),
    click.option("--no-cache", "cache", flag_value=False, default=True, help="Lint anew what was linted today."),
)
result = together(
    click.option("--output", metavar="FILE", help="Write the result there instead of to standard output."),
    click.option("--exit-zero", is_flag=True, help="Exit 0 also when there are findings (errors still exit 2)."),
)
output = together(
    click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "sarif", "markdown", "github"]),
        default="text",
        show_default=True,
        help="For people, for programs, for code scanning, for a pull request, for a workflow run.",
    ),
    result,
)


skip_others = click.option(
    "--skip-others", is_flag=True, help="Pass over named files that are no templates, as pre-commit names them."
)


def settings_of(given: dict[str, Any], folder: "Path | None" = None) -> "Settings":
    """The settings of the configuration file of a folder (the working folder) with the command line's over them."""
    from dataclasses import replace
    from datetime import date
    from pathlib import Path

    from fixer.engine import failure_map as listed
    from fixer.inputs import baseline, config, requirements

    base = config.load(folder or Path.cwd())
    select, ignore, require = (_flat(given.pop(name, ())) for name in ("select", "ignore", "require"))
    values = [config.parse_option(text) for text in given.pop("values")]
    reviewed = tuple(each for review in given.pop("reviews", ()) for each in listed.requirement_lines(review))
    statements = reviewed + tuple(each for document in given.pop("documents") for each in requirements.load(document))
    select += tuple(each.name for each in reviewed)
    named = dict(config.parse_requirement(text) for text in require)
    baselines = [baseline.load(path) for path in given.pop("baselines", ())]
    own = {name: given.pop(name) for name in ("lint", "cache", "jobs") if name in given}
    flags = {name: value or getattr(base, name) for name, value in given.items()}
    return replace(
        base,
        select=select or base.select,
        ignore=base.ignore + ignore,
        require={**base.require, **requirements.declared(statements), **named},
        requirement_lines=statements,
        options=config.merge_options(base.options, values),
        today=date.today(),
        baseline=base.baseline.union(*baselines),
        **own,
        **flags,
    )


def _flat(lists: Iterable[str]) -> tuple[str, ...]:
    """The items of lists separated by commas; an option that takes one may be given several times."""
    return tuple(item for text in lists for part in text.split(",") if (item := part.strip()))
