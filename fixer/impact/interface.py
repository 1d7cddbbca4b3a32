"""The effects on a stack's interface: its parameters, outputs and exports. Pure."""

from collections.abc import Iterator

from fixer.cloudformation.intrinsics import as_int, mapping
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.impact.comparison import Certainty, Comparison
from fixer.model import Effect, EffectKind, Json, Tier

_LOWER = ("MaxLength", "MaxValue")
_HIGHER = ("MinLength", "MinValue")


def interface_effects(project: Project, before: Template, after: Template, comparison: Comparison) -> Iterator[Effect]:
    """The effects on parameters, then on outputs. `project` is the project after the patch; its imports show what is in
    use.
    """
    yield from _parameters(before, after)
    yield from _outputs(project, before, after, comparison)


def _parameters(before: Template, after: Template) -> Iterator[Effect]:
    def effect(name: str, kind: EffectKind, why: str, tier: Tier) -> Effect:
        return Effect(after.path, "Parameters", name, kind, why, tier)

    old, new = before.section("Parameters"), after.section("Parameters")
    for name, declared in new.items():
        now = mapping(declared)
        if name not in old:
            required = "Default" not in now
            why = "stack updates must pass it" if required else "stacks that do not pass it use its Default"
            yield effect(name, EffectKind.ADD, why, Tier.REVIEW if required else Tier.SAFE)
            continue
        was = mapping(old[name])
        if "Default" in was and "Default" not in now:
            yield effect(name, EffectKind.UPDATE, "it no longer has a Default", Tier.REVIEW)
        elif was.get("Default") != now.get("Default"):
            yield effect(name, EffectKind.UPDATE, "its Default changes; stacks that pass a value keep it", Tier.SAFE)
        if narrower := [key for key in _CONSTRAINTS if _is_narrower(key, was.get(key), now.get(key))]:
            why = f"the value in use may not satisfy {', '.join(narrower)}"
            yield effect(name, EffectKind.UPDATE, why, Tier.REVIEW)
    for name in old:
        if name not in new:
            yield effect(name, EffectKind.REMOVE, "an update that still passes it is refused", Tier.REVIEW)


_CONSTRAINTS = ("Type", "AllowedPattern", "AllowedValues", *_LOWER, *_HIGHER)


def _is_narrower(key: str, was: Json, now: Json) -> bool:
    """Whether a parameter's constraint may reject a value that it accepted before."""
    if was == now or now is None:
        return False
    if key == "AllowedValues" and isinstance(was, list) and isinstance(now, list):
        return any(value not in now for value in was)
    first, second = as_int(was), as_int(now)
    if key in _LOWER and first is not None and second is not None:
        return second < first
    if key in _HIGHER and first is not None and second is not None:
        return second > first
    return not (key == "MinLength" and was is None and second == 0)


def _outputs(project: Project, before: Template, after: Template, comparison: Comparison) -> Iterator[Effect]:
    """CloudFormation refuses to change or remove an export that another stack imports.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
    """
    old, new = before.section("Outputs"), after.section("Outputs")
    for name, declared in new.items():
        if name not in old:
            yield Effect(after.path, "Outputs", name, EffectKind.ADD, "", Tier.SAFE)
            continue
        was, now = mapping(old[name]), mapping(declared)
        certainty = comparison.of(was.get("Value"), now.get("Value"))
        renamed = _export(was) is not None and comparison.of(_export(was), _export(now)) is not Certainty.NO
        if certainty is not Certainty.NO or renamed:
            yield _changed(project, after, name, was, certainty, renamed)
        elif was.get("Condition") != now.get("Condition"):
            yield Effect(after.path, "Outputs", name, EffectKind.UPDATE, "its Condition changes", Tier.REVIEW)
    for name, gone in old.items():
        if name not in new:
            importer = project.importer(after, _export(mapping(gone)))
            kind, tier = (EffectKind.REFUSED, Tier.UNSAFE) if importer else (EffectKind.REMOVE, Tier.REVIEW)
            why = f"{importer} imports it" if importer else "readers of the output no longer find it"
            yield Effect(after.path, "Outputs", name, kind, why, tier)


def _changed(
    project: Project, after: Template, name: str, was: dict[str, Json], certainty: Certainty, renamed: bool
) -> Effect:
    export = _export(was)
    what = "its export is renamed" if renamed else "its value changes"
    if export is None:
        return Effect(after.path, "Outputs", name, EffectKind.UPDATE, what, Tier.SAFE)
    importer = project.importer(after, export)
    if importer and (renamed or certainty is Certainty.YES):
        return Effect(
            after.path, "Outputs", name, EffectKind.REFUSED, f"{what}, but {importer} imports it", Tier.UNSAFE
        )
    why = f"{what}; refused while another stack imports it"
    return Effect(after.path, "Outputs", name, EffectKind.UPDATE, why, Tier.REVIEW)


def _export(output: dict[str, Json]) -> Json:
    return mapping(output.get("Export")).get("Name")
