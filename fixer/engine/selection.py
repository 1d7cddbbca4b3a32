"""The transforms that run, their values, and the suppressed findings."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches

from fixer import pointer
from fixer.cloudformation.intrinsics import mapping, sequence
from fixer.cloudformation.template import Template
from fixer.engine.renamed import current_ids, renaming
from fixer.engine.reported import transforms_for
from fixer.errors import BadConfig
from fixer.impact.resources import tier_of
from fixer.inputs import baseline
from fixer.model import Effect, EffectKind, Finding, Json, Patch, Severity, Tier
from fixer.settings import Declared, Settings
from fixer.transforms import TRANSFORMS, is_rule, of_rule
from fixer.transforms.packs import PACKS, answering, in_packs, pack_transforms
from fixer.transforms.transform import Transform

REQUIREMENTS = ("vpc", "dashboard", "peering", "monitoring", "alerts", "rto", "unattended")
"""The requirements, besides the ids of transforms."""

AS_REVIEWED = "as-reviewed"
"""The transform that makes the repairs which a failure list shows."""

_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "informational": Severity.ADVICE}
IN_REVIEW = "skipped in a review; --include-skipped overrides this"


def by_id(name: str) -> Transform:
    """The transform with that id. Raises BadConfig, with the nearest id, if there is none.

    Ids of earlier versions do not count: `fixer.engine.renamed` replaces them.
    """
    if (transform := _known(name)) is not None:
        return transform
    if renamed := renaming((name,)):
        raise BadConfig(renamed[0])
    ids = [transform.id for transform in (*TRANSFORMS, *pack_transforms())]
    near = get_close_matches(name, ids, 1) or [each for each in ids if name and each.startswith(name)]
    hint = f"; did you mean {' or '.join(map(repr, near[:3]))}?" if near else ""
    raise BadConfig(f"unknown transform {name!r}{hint}")


def named(name: str) -> tuple[Transform, ...]:
    """The transforms that an id means: that of a transform, a cfn-lint rule, a pack, or a control of another tool.
    Raises BadConfig if none does.
    """
    if name in PACKS:
        return in_packs((name,))
    if not is_rule(name):
        controlled = answering(name) if _known(name) is None else ()
        return tuple(map(by_id, controlled)) or (by_id(name),)
    found = of_rule(name)
    if not found:
        raise BadConfig(f"the rule {name} is not repaired by any transform")
    return found


def _known(name: str) -> Transform | None:
    """The transform with that id; those of packs are loaded only if it is not one of the others."""
    found = (transform for transform in TRANSFORMS if transform.id == name)
    return next(found, None) or next((transform for transform in pack_transforms() if transform.id == name), None)


def chosen(settings: Settings) -> tuple[Transform, ...]:
    """The transforms that run, in their order: the selected ones (all, if none is selected), without the ignored ones,
    and without those whose requirement is not declared, unless they are selected by name. Transforms of packs run
    first, if their pack is chosen or they are selected.

    Raises BadConfig for an unknown transform, pack, rule, control, option or requirement, and for a value that is not
    an allowed choice.
    """
    selected = _asked(settings)
    is_limited = bool(settings.select or settings.limited)
    ignored = _ids(settings.ignore)
    own = [declared.options for project in settings.projects for declared in project.templates.values()]
    for options in (settings.options, *own):
        for transform_id, values in options.items():
            _check_options(by_id(transform_id), values)
    for transform_id in settings.tiers:
        by_id(transform_id)
    for name in settings.require:
        if name not in REQUIREMENTS and _known(name) is None:
            raise BadConfig(f"unknown requirement {name!r}: use {', '.join(REQUIREMENTS)} or the id of a transform")
    # The repairs that a review shows come first if they are preferred.
    return tuple(
        transform
        for transform in sorted(
            (*_wishes(settings, selected), *TRANSFORMS),
            key=lambda each: not settings.as_reviewed or each.id != AS_REVIEWED,
        )
        if transform.id not in ignored
        and (transform.id in selected or transform.pack in settings.packs if is_limited else True)
        and (_is_required(transform, settings) or transform.id in selected)
    )


def _asked(settings: Settings) -> set[str]:
    """The ids that are selected, or that findings of other tools ask for; if both are given, those that are in both."""
    selected = _ids(settings.select)
    if not settings.limited:
        return selected
    asked = {name for each in settings.reported for name in transforms_for(each)}
    return asked & selected if settings.select else asked


def _wishes(settings: Settings, selected: Collection[str]) -> tuple[Transform, ...]:
    """The transforms of the chosen packs, and those that are selected by name or control."""
    for name in settings.packs:
        if name not in PACKS:
            raise BadConfig(f"unknown pack {name!r}: use {', '.join(PACKS)}")
    known = {transform.id for transform in TRANSFORMS}
    if not settings.packs and known.issuperset(selected):
        return ()
    chosen_ids = {*selected, *(transform.id for transform in in_packs(settings.packs))}
    return tuple(transform for transform in pack_transforms() if transform.id in chosen_ids)


def option_values(transform: Transform, settings: Settings, declared: Declared | None = None) -> dict[str, str]:
    """The values of a transform's options: the defaults, overridden by the settings, overridden by the values for this
    template.
    """
    defaults = {option.name: option.default for option in transform.options if option.default is not None}
    own = declared.options.get(transform.id, {}) if declared else {}
    return defaults | dict(settings.options.get(transform.id, {})) | dict(own)


def tiers(patch: Patch, effects: Iterable[Effect], settings: Settings, transform_id: str) -> tuple[Tier, Tier]:
    """(tier of a patch, its tier if no stack exists yet): the tier that the transform declares, or that of its effects
    if it is higher. Without a stack an effect is at most `review`, except for wider access.

    A tier that the project gives to a transform replaces both, unless the effects make the patch unsafe.
    """
    effects = tuple(effects)
    computed = tier_of(effects)
    # Wider access is not a matter of what is deployed.
    opened = tier_of(effect for effect in effects if effect.kind is EffectKind.WIDEN)
    mild = _worse(opened, min(computed, Tier.REVIEW, key=lambda tier: tier.rank))
    given = settings.tiers.get(transform_id)
    if patch.tier is Tier.NEEDS_VALUE:
        return patch.tier, patch.tier
    if given is not None:
        return (computed if computed is Tier.UNSAFE else given), (opened if opened is Tier.UNSAFE else given)
    return _worse(patch.tier, computed), _worse(patch.undeployed or patch.tier, mild)


def _worse(first: Tier, second: Tier) -> Tier:
    return max(first, second, key=lambda tier: tier.rank)


def is_suppressed(finding: Finding, template: Template, settings: Settings) -> bool:
    """Whether the finding is milder than the settings ask for, is in the baseline, or `Metadata.fixer.ignore` of the
    template or of its resource names its transform or rule: a list of {id, reason, until}. An entry ends on the day
    `until` (ISO 8601).
    """
    if baseline.knows(settings.baseline, finding) or severity_of(finding).rank < settings.severity.rank:
        return True
    owners = [template.data]
    tokens = pointer.split(finding.pointer)
    if len(tokens) > 1 and tokens[0] == "Resources":
        owners.append(mapping(template.section("Resources").get(tokens[1])))
    names = {finding.id, finding.match.rule if finding.match else finding.id}
    return any(
        _names(name, names, finding.id) and not _has_run_out(until, settings.today)
        for owner in owners
        for name, until in _ignored(owner)
    )


def severity_of(finding: Finding) -> Severity:
    """The severity of a finding: that of its cfn-lint match, else that of its transform."""
    if finding.match:
        return _SEVERITIES.get(finding.match.severity, Severity.WARNING)
    return by_id(finding.id).severity


def is_skipped(finding: Finding, settings: Settings) -> bool:
    """Whether a person skipped the unchanged finding in a review: id, path, place, value and message are the same."""
    return (finding.id, finding.path, finding.place, finding.seen_digest, finding.message) in settings.skipped


def _names(name: str, names: Collection[str], transform_id: str) -> bool:
    """Whether an ignored id names a finding: its transform, its rule, or a control that its transform answers."""
    if any(each in names for each in current_ids(name)):
        return True
    is_wish = all(transform.id != transform_id for transform in TRANSFORMS)
    return is_wish and transform_id in answering(name)


def renamed_in(template: Template) -> tuple[str, ...]:
    """A warning for each id of an earlier version in any `Metadata.fixer.ignore` of the template."""
    owners = (template.data, *map(mapping, template.section("Resources").values()))
    return renaming(name for owner in owners for name, _ in _ignored(owner))


def _ignored(owner: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """The ids that a template or a resource ignores, each with its last day."""
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
    return {transform.id for name in names for transform in named(name)}


def _check_options(transform: Transform, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        option = transform.option(name)
        if option is None:
            known = ", ".join(option.name for option in transform.options) or "none"
            raise BadConfig(f"{transform.id} does not have the option {name!r} (it has: {known})")
        if option.choices and value not in option.choices:
            raise BadConfig(f"{transform.id}.{name} must be one of {', '.join(option.choices)}, not {value!r}")
