"""The patches of a report one by one: the change of the text by each patch, and the edits that belong to it.

A run splices independent patches at once and proves them together. This module applies them one after the other to the
text before. If the result is not the text after, all patches of the file count as one undivided repair.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar

from fixer.document.document import Document
from fixer.document.text_patch import edited, is_text_patch, opened
from fixer.errors import BadPatch
from fixer.model import Edit, Op, Outcome, Report, Resolution, TemplateReport

_Item = TypeVar("_Item", int, str)

Texts = Mapping[str, tuple[str, str]]
"""Path to the text before and the text after."""


@dataclass(frozen=True)
class Repair:
    """Patches whose edits cannot be separated, in their order, and per path the edits of the text before the run."""

    resolutions: tuple[Resolution, ...]
    edits: Mapping[str, tuple[Edit, ...]]


def applied(report: Report) -> list[Resolution]:
    """The findings that were repaired, or would be, in the order in which their patches were applied."""
    return sorted((each for each in report.resolutions if each.order), key=lambda each: each.order)


def steps(report: Report) -> Iterator[tuple[Resolution, Texts]]:
    """Each applied patch, in order, with the texts before and after it; without the texts of an undivided file."""
    history = _replayed(report)
    before = {path: documents[0] for path, documents in history.items()}
    counts = dict.fromkeys(history, 0)
    for resolution in applied(report):
        texts: dict[str, tuple[str, str]] = {}
        for path in resolution.patches:
            if path in history:
                counts[path] += 1
                after = history[path][counts[path]]
                texts[path] = (before[path].text, after.text)
                before[path] = after
        yield resolution, texts


def repairs(report: Report) -> list[Repair]:
    """The edits of the run, divided among its patches into parts that can be applied separately without splitting an
    edit.
    """
    history = _replayed(report)
    order = applied(report)
    owned = {path: _owned(path, documents, order) for path, documents in history.items()}
    for template in report.templates:
        if template.changed and template.path not in history:
            everyone = frozenset(n for n, each in enumerate(order) if template.path in each.patches)
            owned[template.path] = dict.fromkeys(template.edits, everyone)
    groups = joined(range(len(order)), (owners for edits in owned.values() for owners in edits.values()))
    found = []
    for group in groups:
        edits = {path: tuple(edit for edit, owners in own.items() if owners & group) for path, own in owned.items()}
        found.append(Repair(tuple(order[n] for n in sorted(group)), {path: own for path, own in edits.items() if own}))
    return found


def single(report: Report, resolution: Resolution) -> Repair | None:
    """A single patch as `check` proposes it: its edits of the current texts; None if they are not known."""
    templates = {each.path: each for each in report.templates}
    try:
        edits = {
            path: _after(_readable(templates[path], resolution), ops).edits for path, ops in resolution.patches.items()
        }
    except BadPatch:
        return None
    return Repair((resolution,), edits)


def _readable(template: TemplateReport, resolution: Resolution) -> Document:
    """The document that a patch is for: a text that does not parse is first repaired as far as the report proposes."""
    document = opened(template.before, template.path)
    for each in template.resolutions:
        ops = each.patches.get(template.path, ())
        if each is resolution or not is_text_patch(ops):
            break
        document = edited(document, ops)
    return document


def _after(document: Document, ops: Sequence[Op]) -> Document:
    return edited(document, ops) if is_text_patch(ops) else document.apply(ops)


def is_proposal(resolution: Resolution) -> bool:
    """Whether `check`, which applies nothing, found it with a patch."""
    return resolution.outcome is Outcome.FOUND and bool(resolution.patches)


def _replayed(report: Report) -> dict[str, list[Document]]:
    """The documents before, between and after the patches of each changed path; only for files with the expected
    result.
    """
    history = {each.path: [opened(each.before, each.path)] for each in report.templates if each.changed}
    broken = set()
    for resolution in applied(report):
        for path, ops in resolution.patches.items():
            try:
                history[path].append(_after(history[path][-1], ops))
            except (BadPatch, KeyError):
                broken.add(path)
    for template in report.templates:
        if template.changed and history[template.path][-1].text != template.after:
            broken.add(template.path)
    return {path: documents for path, documents in history.items() if path not in broken}


def _owned(path: str, documents: list[Document], order: list[Resolution]) -> dict[Edit, frozenset[int]]:
    """The edits of one file, each with the indices of the patches that contributed to it."""
    owners: dict[Edit, frozenset[int]] = {}
    own = (n for n, resolution in enumerate(order) if path in resolution.patches)
    for index, document in zip(own, documents[1:], strict=True):
        earlier = owners
        owners = {}
        for edit in document.edits:
            met = [earlier[old] for old in earlier if old.start <= edit.end and edit.start <= old.end]
            owners[edit] = earlier.get(edit) or frozenset({index}).union(*met)
    return owners


def joined(items: Iterable[_Item], together: Iterable[AbstractSet[_Item]]) -> list[frozenset[_Item]]:
    """The items in groups: two are in one group if a set of `together` contains both, directly or through others. The
    groups are in the order of their smallest item.
    """
    groups = [frozenset({item}) for item in items]
    for each in together:
        met = [group for group in groups if group & each]
        if len(met) > 1:
            groups = [group for group in groups if group not in met] + [frozenset[_Item]().union(*met)]
    return sorted(groups, key=min)
