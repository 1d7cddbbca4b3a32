"""Which transforms run and with which values; which findings are suppressed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping, sequence
from fixer.cloudformation.template import Template
from fixer.engine.renamed import current_ids, renaming
from fixer.errors import BadConfig
from fixer.impact.resources import tier_of
from fixer.inputs import baseline
from fixer.model import Effect, Finding, Json, Patch, Tier
from fixer.settings import Declared, Settings
from fixer.transforms import TRANSFORMS
from fixer.transforms.transform import Transform

REQUIREMENTS = ("vpc", "dashboard", "peering", "monitoring", "alerts", "rto", "unattended")
"""What may be required, besides the id of any transform."""

_RULE = re.compile(r"[EWI]\d{4}")


def by_id(name: str) -> Transform:
    """The transform of that id. Raises BadConfig, with the nearest id, when there is none.

    An id of an earlier version is not one: `fixer.engine.renamed` replaces those.
    """
    for transform in TRANSFORMS:
        if transform.id == name:
            return transform
    if renamed := renaming((name,)):
        raise BadConfig(renamed[0])
    near = get_close_matches(name, [transform.id for transform in TRANSFORMS], 1)
    raise BadConfig(f"there is no transform {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))


def chosen(settings: Settings) -> tuple[Transform, ...]:
    """The transforms that run, in their order: those selected (all, if none is), less those ignored, less those whose
    requirement was neither declared nor made good by selecting them by name.

    Raises BadConfig for an unknown transform, rule, option or requirement, and for a value that is none of its choices.
    """
    selected = _ids(settings.select)
    ignored = _ids(settings.ignore)
    own = [declared.options for project in settings.projects for declared in project.templates.values()]
    for options in (settings.options, *own):
        for transform_id, values in options.items():
            _check_options(by_id(transform_id), values)
    for transform_id in settings.tiers:
        by_id(transform_id)
    for name in settings.require:
        if name not in REQUIREMENTS and name not in {transform.id for transform in TRANSFORMS}:
            raise BadConfig(f"there is no requirement {name!r}: it is {', '.join(REQUIREMENTS)} or a transform's id")
    return tuple(
        transform
        for transform in TRANSFORMS
        if transform.id not in ignored
        and (transform.id in selected if settings.select else True)
        and (_is_required(transform, settings) or transform.id in selected)
    )


def option_values(transform: Transform, settings: Settings, declared: Declared | None = None) -> dict[str, str]:
    """The values of a transform's options: the defaults, over them what was set, over that what is declared for the
    template alone.
    """
    defaults = {option.name: option.default for option in transform.options if option.default is not None}
    own = declared.options.get(transform.id, {}) if declared else {}
    return defaults | dict(settings.options.get(transform.id, {})) | dict(own)


def tiers(patch: Patch, effects: Iterable[Effect], settings: Settings, transform_id: str) -> tuple[Tier, Tier]:
    """(tier of a patch, its tier where no stack exists yet): what the transform declares, or, if its effects are worse,
    what they come to. Without a stack an effect is for review at most.

    A tier that the project gives to a transform counts in place of both, unless the patch is unsafe by its effects.
    """
    computed = tier_of(effects)
    mild = min(computed, Tier.REVIEW, key=lambda tier: tier.rank)
    given = settings.tiers.get(transform_id)
    if patch.tier is Tier.NEEDS_VALUE:
        return patch.tier, patch.tier
    if given is not None:
        return (computed if computed is Tier.UNSAFE else given), given
    return _worse(patch.tier, computed), _worse(patch.undeployed or patch.tier, mild)


def _worse(first: Tier, second: Tier) -> Tier:
    return max(first, second, key=lambda tier: tier.rank)


def is_suppressed(finding: Finding, template: Template, settings: Settings) -> bool:
    """Whether the finding is in the baseline, or `Metadata.fixer.ignore` of the template or of the resource that it is
    in names its transform or rule: a list of {id, reason, until}; from the day `until` (ISO 8601) on it holds no more.
    """
    if baseline.knows(settings.baseline, finding):
        return True
    owners = [template.data]
    tokens = pointer.split(finding.pointer)
    if len(tokens) > 1 and tokens[0] == "Resources":
        owners.append(mapping(template.section("Resources").get(tokens[1])))
    names = {finding.id, finding.match.rule if finding.match else finding.id}
    return any(
        not names.isdisjoint(current_ids(name)) and not _has_run_out(until, settings.today)
        for owner in owners
        for name, until in _ignored(owner)
    )


def renamed_in(template: Template) -> tuple[str, ...]:
    """A warning for each id of an earlier version that `Metadata.fixer.ignore` names, anywhere in the template."""
    owners = (template.data, *map(mapping, template.section("Resources").values()))
    return renaming(name for owner in owners for name, _ in _ignored(owner))


def _ignored(owner: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """What a template or a resource wants to be ignored: id, and until when."""
    for entry in sequence(mapping(mapping(owner.get("Metadata")).get("fixer")).get("ignore")):
        name = mapping(entry).get("id")
        if isinstance(name, str):
            yield name, mapping(entry).get("until")


def _has_run_out(until: object, today: date) -> bool:
    if until is None:
        return False
    try:
        return date.fromisoformat(str(until)) <= today
    except ValueError:
        return True


def _is_required(transform: Transform, settings: Settings) -> bool:
    names = {transform.requirement, transform.id}
    return transform.requirement is None or bool(names & set(settings.require))


def _ids(names: tuple[str, ...]) -> set[str]:
    ids: set[str] = set()
    for name in names:
        if _RULE.fullmatch(name):
            found = {transform.id for transform in TRANSFORMS if name in transform.rules}
            if not found:
                raise BadConfig(f"no transform repairs what the rule {name} reports")
            ids |= found
        else:
            ids.add(by_id(name).id)
    return ids


def _check_options(transform: Transform, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        option = transform.option(name)
        if option is None:
            known = ", ".join(option.name for option in transform.options) or "none"
            raise BadConfig(f"{transform.id} has no option {name!r} (it has: {known})")
        if option.choices and value not in option.choices:
            raise BadConfig(f"{transform.id}.{name} is one of {', '.join(option.choices)}, not {value!r}")
