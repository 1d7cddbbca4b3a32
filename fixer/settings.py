"""What the user asked for: the configuration file and the command line together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from fixer.model import RequirementLine, Severity, Tier
from fixer.model.failures import Failure
from fixer.model.reported import Reported

PROJECT_ROLES = ("primary", "secondary", "dns")
"""The roles of a template in a project that spans several regions."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The configuration of one template: its role, region and stack name ("": not given), and values that apply only to
    it (transform id → name → value).
    """

    role: str = ""
    region: str = ""
    stack: str = ""
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeclaredProject:
    """A project that the configuration declares: absolute glob patterns, and the configuration of each template by
    absolute path.
    """

    paths: tuple[str, ...]
    templates: Mapping[str, Declared] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for: configuration file and command line together.

    `select` and `ignore` hold transform ids, cfn-lint rule ids or controls of other tools; `packs` are the packs of
    wishes that also run; `require` maps a requirement to its value ("" if it
    has none); `options` maps a transform id to its named values; `regions` are the regions to lint for (none: cfn-lint
    chooses); `today` decides which suppressions have expired; `tiers` are the tiers that a project gives to transforms;
    `projects` the projects that it declares; `requirement_lines` the lines that were read from requirements documents;
    `jobs` how many processes run in parallel (0: one per core); `cache`: keep lint results on disk; `baseline`:
    findings that are not reported (see `fixer.inputs.baseline`); `declined`: the repairs (`Finding.fix`) that people
    have declined; `skipped`: the findings that people have skipped in a review, as `fixer.engine.selection.is_skipped`
    compares them, and `include_skipped`: they count nevertheless; `root`: the folder below which files may be read
    ("": everywhere);
    `skip_others`: named files that are not templates are skipped; `exclude`: pairs (folder, pattern) of what walks
    leave out; `second_opinion`: AWS's own validator
    also checks the patches; `plain_lint`: cfn-lint runs without `fixer.aws.fast_lint`; `only_repairable`: cfn-lint's
    errors that no transform takes up do not count; `severity`: milder findings do not count; `failures`: those that
    failure lists name, with their fragments; `as_reviewed`: the fragments are preferred to the transforms that repair
    such a failure; `history`: lost values may come from the git history of a template; `reported`: the findings of
    other tools; `limited`: only what they ask for is repaired; `guard`: files or folders with rules in AWS's Guard
    language, whose failures are such findings; `warnings`: what the user must know about these settings.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    safe_only: bool = False
    unsafe: bool = False
    undeployed: bool = False
    require: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    lint: bool = True
    allow_plugins: bool = False
    today: date = date.min
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    projects: tuple[DeclaredProject, ...] = ()
    requirement_lines: tuple[RequirementLine, ...] = ()
    jobs: int = 0
    cache: bool = True
    baseline: frozenset[tuple[str, str, str]] = frozenset()
    declined: frozenset[str] = frozenset()
    skipped: frozenset[tuple[str, str, str, str, str]] = frozenset()
    include_skipped: bool = False
    skip_others: bool = False
    exclude: tuple[tuple[str, str], ...] = ()
    root: str = ""
    second_opinion: bool = False
    failures: tuple[Failure, ...] = ()
    as_reviewed: bool = False
    plain_lint: bool = False
    only_repairable: bool = False
    severity: Severity = Severity.ADVICE
    history: bool = False
    reported: tuple[Reported, ...] = ()
    limited: bool = False
    guard: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
