"""The options that commands share.

A new option of this kind is declared here, with a field of the same name in `fixer.cli.given.Given`; its setting is a
field of `Settings`. Nothing but click is imported before a command runs: `fixer --help` must be fast.
"""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from fixer.cli.help_pages import Heading, option

_F = TypeVar("_F", bound=Callable[..., Any])


def together(*options: Callable[[_F], _F]) -> Callable[[_F], _F]:
    """Options as one decorator, in their order."""

    def decorate(command: _F) -> _F:
        for each in reversed(options):
            command = each(command)
        return command

    return decorate


def completed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The ids to which a shell may complete the last of several."""
    from fixer.transforms import TRANSFORMS

    before, comma, start = incomplete.rpartition(",")
    return [before + comma + transform.id for transform in TRANSFORMS if transform.id.startswith(start)]


several = functools.partial(option, multiple=True)
paths = click.argument("paths", nargs=-1, required=True, metavar="PATH...")
some_paths = click.argument("paths", nargs=-1, metavar="[PATH...]")
required = together(
    several(
        Heading.FACTS, "--require", metavar="NAME[=VALUE],..", help="State requirements, such as vpc or monitoring=60."
    ),
    several(Heading.FACTS, "--requirements", "documents", metavar="FILE", help="Read requirements from a document."),
    several(Heading.FACTS, "--set", "values", metavar="ID.NAME=VALUE", help="Set a value that a repair takes."),
)
selection = together(
    several(
        Heading.FINDINGS,
        "--select",
        metavar="ID,..",
        help="Use only these transforms, or those for these cfn-lint rules.",
        shell_complete=completed,
    ),
    several(
        Heading.FINDINGS,
        "--ignore",
        metavar="ID,..",
        help="Leave out these transforms, or those for these cfn-lint rules.",
        shell_complete=completed,
    ),
    several(
        Heading.FINDINGS,
        "--pack",
        "packs",
        metavar="NAME,..",
        help="Also repair what these packs ask for: security, resilience, operations.",
    ),
    several(
        Heading.FINDINGS,
        "--findings",
        metavar="FILE",
        help="Repair only what other tools have found: SARIF, or the JSON of Checkov, Trivy, cfn-guard or cfn-lint.",
    ),
    several(
        Heading.FINDINGS,
        "--guard",
        metavar="RULES",
        help="Repair only what makes these rules in AWS's Guard language fail: a file or a folder.",
    ),
    several(
        Heading.FINDINGS, "--baseline", "baselines", metavar="FILE", help="Suppress the findings recorded in FILE."
    ),
    option(
        Heading.FINDINGS,
        "--severity",
        type=click.Choice(["error", "warning", "advice"]),
        default="advice",
        show_default=True,
        help="Leave out findings that are milder than this.",
    ),
    option(
        Heading.FINDINGS,
        "--include-skipped",
        is_flag=True,
        help="Count findings that were skipped in a review, too.",
    ),
    several(
        Heading.FINDINGS,
        "--failures",
        "reviews",
        metavar="FILE",
        help="Repair only the failures in this list, by transforms or as it shows; repeat for several lists.",
    ),
    option(
        Heading.FINDINGS,
        "--as-reviewed",
        is_flag=True,
        help="Prefer the repairs that a failure list shows to those of transforms.",
    ),
    required,
    option(
        Heading.FACTS,
        "--undeployed",
        is_flag=True,
        help="Assume that no stack is deployed yet, and allow what is unsafe only for a deployed stack.",
    ),
    several(
        Heading.FACTS,
        "--region",
        "regions",
        metavar="R",
        help="Run cfn-lint for this region; repeat the option for several regions.",
    ),
)
limits = together(
    option(
        Heading.LIMITS,
        "--safe-only",
        is_flag=True,
        help="Apply only safe repairs, which do not harm a deployed stack.",
    ),
    option(
        Heading.LIMITS,
        "--unsafe",
        is_flag=True,
        help="Also apply repairs that may replace or remove deployed resources.",
    ),
)
lint = option(
    Heading.LIMITS,
    "--no-lint",
    "lint",
    flag_value=False,
    default=True,
    help="Do not run cfn-lint to find failures or to prove repairs.",
)
history = option(
    Heading.LIMITS,
    "--from-git/--no-git",
    "history",
    default=True,
    help="Restore lost values from the git history of a template (default), or do not read it.",
)
allow_plugins = option(
    Heading.LIMITS,
    "--allow-plugins",
    is_flag=True,
    help="Let .cfnlintrc load its own rules, schemas and overrides.",
)
second_opinion = option(
    Heading.LIMITS,
    "--second-opinion",
    is_flag=True,
    help="Also prove repairs with AWS's validator, cloudformation-validate.",
)
skip_others = option(
    Heading.FINDINGS,
    "--skip-others",
    is_flag=True,
    help="Skip named files that are not templates, as pre-commit may name them.",
)
speed = together(
    option(
        Heading.SPEED,
        "-j",
        "--jobs",
        type=click.IntRange(0),
        default=0,
        metavar="N",
        help="Run N processes side by side; 0 means one per core.",
    ),
    option(
        Heading.SPEED,
        "--no-cache",
        "cache",
        flag_value=False,
        default=True,
        help="Do not use the results of earlier runs.",
    ),
    option(
        Heading.SPEED,
        "--plain-lint",
        is_flag=True,
        help="Run cfn-lint unchanged: the result is the same, and takes twice as long.",
    ),
)
result = together(
    option(Heading.OUTPUT, "--output", metavar="FILE", help="Write the result to FILE instead of standard output."),
    option(
        Heading.OUTPUT,
        "--exit-zero",
        is_flag=True,
        help="Exit with 0 even if there are findings; an error still exits with 2.",
    ),
)

more_failures = several(
    Heading.FINDINGS, "--failures", "more", metavar="FILE", help="Also map this failure list; repeat it for several."
)
details = option(
    Heading.OUTPUT, "-v", "--verbose", is_flag=True, help="Also show all places, the fragments, and the reasons."
)


def result_format(*formats: str, help: str) -> Callable[[_F], _F]:
    """The option for the format of the result; the first is the default."""
    return option(
        Heading.OUTPUT,
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help=help,
    )


def _wish(context: click.Context, parameter: click.Parameter, value: str) -> None:
    """Keeps the wish of --color where the code that colours looks for it."""
    import os

    from fixer.cli.console import COLOUR

    os.environ[COLOUR] = value


output = together(
    result_format(
        "text",
        "json",
        "sarif",
        "markdown",
        "github",
        "gitlab",
        "azure",
        "junit",
        "concise",
        help="Choose the format: for people, programs, code scanning, a pull request, a pipeline; one line each.",
    ),
    result,
    option(Heading.OUTPUT, "-q", "--quiet", is_flag=True, help="Print the result only, without a closing summary."),
    option(
        Heading.OUTPUT,
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        expose_value=False,
        callback=_wish,
        help="Colour the output: on a terminal (auto), always, or never.",
    ),
)
