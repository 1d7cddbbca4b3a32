"""The options that commands share, and the settings that they add up to.

A new option of this kind is declared here, with a field of `Given` of the same name; its setting is a field of
`Settings`. Nothing but click is imported before a command runs: `fixer --help` must be fast.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fixer.cli.help_pages import Heading, Option, option

if TYPE_CHECKING:
    from pathlib import Path

    from fixer.settings import Settings

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


@dataclass(frozen=True, kw_only=True)
class Given:
    """The settings on the command line: a field per option above, with the value of an option that is not given."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    guard: tuple[str, ...] = ()
    baselines: tuple[str, ...] = ()
    severity: str = "advice"
    only_repairable: bool = False
    include_skipped: bool = False
    reviews: tuple[str, ...] = ()
    as_reviewed: bool = False
    require: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    undeployed: bool = False
    regions: tuple[str, ...] = ()
    safe_only: bool = False
    unsafe: bool = False
    lint: bool = True
    history: bool = True
    allow_plugins: bool = False
    plain_lint: bool = False
    second_opinion: bool = False
    skip_others: bool = False
    jobs: int = 0
    cache: bool = True

    def settings(self, folder: "Path | None" = None) -> "Settings":
        """The settings of the configuration file of a folder (the working folder), overridden by those of the command
        line.

        Raises BadConfig for a file that cannot be read and for a value that has the wrong form.
        """
        from pathlib import Path

        from fixer.engine import failure_map
        from fixer.engine.renamed import with_current_ids
        from fixer.engine.selection import AS_REVIEWED
        from fixer.inputs import baseline, config, requirements, scanner_findings

        if self.safe_only and self.unsafe:
            raise click.UsageError("--safe-only and --unsafe contradict each other: give one of them")
        base = self._over(config.load(folder or Path.cwd()))
        failures = failure_map.reviewed(self.reviews)
        reviewed = failure_map.requirement_lines(failures)
        stated = [line for document in self.documents for line in requirements.load(document)]
        lines = (*reviewed, *stated)
        shown = (AS_REVIEWED,) if any(pair.corrected for failure in failures for pair in failure.pairs) else ()
        named = dict(config.parse_requirement(text) for text in _listed(self.require))
        settings = replace(
            base,
            select=(*_listed(self.select), *(line.name for line in reviewed), *shown) or base.select,
            ignore=base.ignore + _listed(self.ignore),
            reported=tuple(each for file in self.findings for each in scanner_findings.load(file)),
            limited=bool(self.findings or self.guard),
            packs=tuple(dict.fromkeys(base.packs + _listed(self.packs))),
            baseline=base.baseline.union(*map(baseline.load, self.baselines)),
            require={**base.require, **requirements.declared(lines), **named},
            requirement_lines=lines,
            failures=failures,
            as_reviewed=self.as_reviewed,
            options=config.merge_options(base.options, map(config.parse_option, self.values)),
        )
        return with_current_ids(settings)

    def _over(self, base: "Settings") -> "Settings":
        """The settings that need neither reading nor merging."""
        from datetime import date

        from fixer.model import Severity

        return replace(
            base,
            undeployed=self.undeployed or base.undeployed,
            guard=self.guard,
            regions=self.regions or base.regions,
            safe_only=self.safe_only or base.safe_only,
            unsafe=self.unsafe or base.unsafe,
            lint=self.lint,
            history=self.history,
            allow_plugins=self.allow_plugins,
            include_skipped=self.include_skipped,
            only_repairable=self.only_repairable,
            severity=Severity(self.severity),
            plain_lint=self.plain_lint,
            second_opinion=self.second_opinion,
            skip_others=self.skip_others,
            jobs=self.jobs,
            cache=self.cache,
            today=date.today(),
        )

    def arguments(self, command: click.Command) -> tuple[str, ...]:
        """The given options of a command, as a person would write them. Options for speed are left out, because the
        result of a run does not depend on them.
        """
        words: list[str] = []
        for param in command.params:
            if isinstance(param, Option) and param.name in _NAMES and param.heading is not Heading.SPEED:
                value, flag = getattr(self, param.name), param.opts[-1]
                if param.multiple:
                    words += [word for each in value for word in (flag, each)]
                elif value != getattr(_DEFAULTS, param.name):
                    words.append(param.secondary_opts[-1] if param.secondary_opts and not value else flag)
        return tuple(words)


_NAMES = frozenset(field.name for field in fields(Given))
_DEFAULTS = Given()


def gathered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Passes the parameters that are fields of `Given` as one value, `given`. It must be the innermost decorator."""

    @functools.wraps(command)
    def call(**params: Any) -> Any:
        given = Given(**{name: value for name, value in params.items() if name in _NAMES})
        return command(given=given, **{name: value for name, value in params.items() if name not in _NAMES})

    return call


def _listed(texts: Iterable[str]) -> tuple[str, ...]:
    """The items of lists separated by commas; an option that takes one may be given several times."""
    return tuple(item for text in texts for part in text.split(",") if (item := part.strip()))
