"""The effects of a patch on a deployed stack, as text."""

from collections.abc import Iterable, Iterator

from fixer.document.text_patch import is_text_patch
from fixer.model import Effect, EffectKind, Resolution

_VERBS = {
    EffectKind.REFUSED: "is refused for",
    EffectKind.WIDEN: "widens the access to",
    EffectKind.REPLACE: "replaces",
    EffectKind.MAY_REPLACE: "may replace",
    EffectKind.REMOVE: "removes",
    EffectKind.UPDATE: "updates",
    EffectKind.ADD: "adds",
}
_WITH_REASON = (EffectKind.REFUSED, EffectKind.WIDEN, EffectKind.REPLACE, EffectKind.MAY_REPLACE)
_SECTIONS = {"Resources": "", "Parameters": "parameter ", "Outputs": "output "}


def sentence(effects: Iterable[Effect], path: str = "", undeployed: bool = False) -> str:
    """The effects on one stack in one line, the most severe first; "changes nothing that is deployed" if there are
    none.

    Effects on templates other than `path` name their path. If no stack exists yet, the line starts with "if it were
    deployed".
    """
    groups = list(_groups(list(effects), path))
    start = "if it were deployed: " if undeployed else ""
    return start + ("; ".join(groups) or "changes nothing that is deployed")


def impact_of(each: Resolution, path: str, undeployed: bool = False) -> str:
    """The effects of a finding's patch on the stack of a template. No stack has a template that does not parse."""
    if any(map(is_text_patch, each.patches.values())):
        return "the text is not a template without this repair, so its impact is not known"
    return sentence(each.effects, path, undeployed)


def _groups(effects: list[Effect], path: str) -> Iterator[str]:
    for kind, verb in _VERBS.items():
        for section, word in _SECTIONS.items():
            found = [effect for effect in effects if effect.kind is kind and effect.section == section]
            told = kind is not EffectKind.ADD and (section != "Resources" or kind in _WITH_REASON)
            reasons = dict.fromkeys(effect.why if told else "" for effect in found)
            parts = [_named([each for each in found if not told or each.why == why], path, why) for why in reasons]
            if parts:
                plural = word.replace(" ", "s ") if len(found) > 1 else word
                yield f"{verb} {plural}{', '.join(parts)}"


def _named(effects: list[Effect], path: str, why: str) -> str:
    """The names of effects that have the same reason, and the reason."""
    names = [f"{each.path}: {each.name}" if path not in ("", each.path) else each.name for each in effects]
    return ", ".join(names) + (f" ({why})" if why else "")
