"""The settings on the command line.

Nothing but click is imported before a command runs: `fixer --help` must be fast.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import click

from fixer.cli.help_pages import Heading, Option

if TYPE_CHECKING:
    from pathlib import Path

    from fixer.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Given:
    """The settings on the command line: a field per option of `fixer.cli.options`, with the value of an option that is
    not given.
    """

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
        from fixer.inputs import baseline, config, requirements, scanner_findings

        if self.safe_only and self.unsafe:
            raise click.UsageError("--safe-only and --unsafe contradict each other: give one of them")
        base = self._over(config.load(folder or Path.cwd()))
        failures = failure_map.reviewed(self.reviews)
        reviewed = failure_map.requirement_lines(failures)
        stated = [line for document in self.documents for line in requirements.load(document)]
        lines = (*reviewed, *stated)
        named = dict(config.parse_requirement(text) for text in _listed(self.require))
        settings = replace(
            base,
            select=(*_listed(self.select), *failure_map.selected_by(failures)) or base.select,
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
                    off = param.secondary_opts[-1] if param.secondary_opts and not value else flag
                    words += [off] if param.is_flag else [flag, str(value)]
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
