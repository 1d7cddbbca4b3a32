"""The places where two states of a template resolve to different values in any scenario. Pure.

It compares the existing resources with their properties and attributes, the outputs, the interface, and the order of
creation. How a template writes a value does not matter.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from fixer.aws import sam
from fixer.cloudformation.intrinsics import NO_VALUE, is_true, mapping
from fixer.cloudformation.template import Template
from fixer.model import Json
from fixer.pointer import join
from fixer.resolution.entry_diff import EntryDiff, States
from fixer.resolution.resolved_template import compared_metadata
from fixer.resolution.resolved_values import is_permutation, same
from fixer.resolution.scenarios import Scenario
from fixer.resolution.subject import Subject
from fixer.resolution.touched_names import TouchedNames, same_text
from fixer.resolution.value_diff import Difference, DifferenceKind, value_differences

_ACT_THROUGH_OTHERS = ("Conditions", "Mappings")
_TEXTS = ("AWSTemplateFormatVersion", "Description")
_PARAMETER_TEXTS = ("Description", "ConstraintDescription")

_HARMLESS_TRANSFORM = "AWS::LanguageExtensions"
_TOO_DEEP = "it is nested too deeply"


@dataclass(frozen=True)
class Unresolved:
    """A place whose resolved value is not known, and the reason."""

    place: str
    reason: str


@dataclass(frozen=True)
class ResolvedDiff:
    """The differences between two resolved templates, each place once, and the places that are not known."""

    differences: tuple[Difference, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the templates are proven to resolve to the same values."""
        return not self.differences and not self.unresolved


def differences(before: Template, after: Template) -> ResolvedDiff:
    """The differences between two states of a template after they are resolved.

    A template of AWS SAM is compared as what it expands to. If AWS SAM rejects it as it was, no stack can have been
    made from it; the two states are then compared as they are written, because equal texts expand alike.
    """
    if before.is_sam and after.is_sam and sam.version():
        old, new = before.expanded, after.expanded
        if old is not None and new is None:
            return ResolvedDiff((), (Unresolved("", "AWS SAM rejects the template after the patch"),))
        before, after = (old, new) if old and new else (_as_written(before), _as_written(after))
    comparer = _Comparer(before, after)
    try:
        comparer.run()
    except (RecursionError, ValueError):
        # ValueError: a number with more digits than Python writes.
        return ResolvedDiff((), (Unresolved("", _TOO_DEEP),))
    unresolved = (Unresolved(place, reason) for place, reason in comparer.unresolved.items())
    return ResolvedDiff(tuple(comparer.differences.values()), tuple(unresolved))


def _as_written(template: Template) -> Template:
    """The template without its transform."""
    return Template.of_data(template.path, {name: each for name, each in template.data.items() if name != "Transform"})


class _Comparer:
    def __init__(self, before: Template, after: Template) -> None:
        self.before, self.after = before, after
        self.differences: dict[str, Difference] = {}
        self.unresolved: dict[str, str] = {}

    def run(self) -> None:
        old, new = self.before.document.data, self.after.document.data
        if old is new:
            return
        if not isinstance(old, dict) or not isinstance(new, dict):
            self._take(value_differences(old, new, ""))
            return
        for name in {**old, **new}:
            if all(isinstance(data.get(name, {}), dict) for data in (old, new)):
                self._section(name)
            elif name not in _TEXTS:
                self._plain(name)

    def _section(self, name: str) -> None:
        if name in ("Resources", "Outputs"):
            for entry in {**self.before.section(name), **self.after.section(name)}:
                self._entry(name, entry)
        elif name == "Parameters":
            self._take(_parameter_differences(self.before, self.after))
        elif name == "Metadata":
            diff = EntryDiff(self._states, "/Metadata")
            diff.compare_value(compared_metadata(self.before), compared_metadata(self.after))
            self._take_all(diff)
        elif name not in _ACT_THROUGH_OTHERS:
            self._plain(name)

    def _plain(self, name: str) -> None:
        """Compares a section that is not evaluated. The text does not show what a macro makes of a template."""
        old, new = (template.data.get(name, NO_VALUE) for template in (self.before, self.after))
        macro = _macro(name, old) or _macro(name, new)
        if not macro:
            self._take(value_differences(old, new, join(name)))
        elif not same_text(self.before.data, self.after.data):
            self.unresolved[join(name)] = f"{macro} is a macro: its result is not known"

    def _entry(self, section: str, name: str) -> None:
        old, new = (template.section(section).get(name, NO_VALUE) for template in (self.before, self.after))
        if old is new and self._means_the_same:
            return
        diff = EntryDiff(self._states, join(section, name))
        try:
            diff.compare_entry(section, name, old, new)
        except (RecursionError, ValueError):
            diff.unresolved[diff.place] = _TOO_DEEP
        self._take_all(diff)

    @cached_property
    def _states(self) -> States:
        touched = TouchedNames(self.before, self.after)
        names = (touched.by_default, touched.resources, touched.shared)
        before, after = Subject(self.before, *names), Subject(self.after, *names)
        return States(before, after, touched, Scenario(_allowed(before, after)))

    @cached_property
    def _means_the_same(self) -> bool:
        """Whether every name is known to have the same meaning in both states."""
        try:
            return self._states.touched.is_nothing
        except (RecursionError, ValueError):
            return False  # The comparison of an entry then says that.

    def _take(self, found: Iterable[Difference]) -> None:
        for difference in found:
            self.differences.setdefault(difference.place, difference)

    def _take_all(self, diff: EntryDiff) -> None:
        self._take(diff.differences.values())
        self.unresolved |= diff.unresolved


def _macro(section: str, value: Json) -> str:
    """The name of the first macro in a top-level value; "" if there is none."""
    if section == "Fn::Transform":
        return "" if value == NO_VALUE else section
    if section != "Transform":
        return ""
    names = value if isinstance(value, list) else [] if value == NO_VALUE else [value]
    found = [name for name in names if name != _HARMLESS_TRANSFORM]
    return str(found[0]) if found else ""


def _allowed(*subjects: Subject) -> dict[str, tuple[str, ...]]:
    """The possible values of each parameter with AllowedValues, in either state."""
    allowed: dict[str, tuple[str, ...]] = {}
    for name in {name: "" for subject in subjects for name in subject.template.section("Parameters")}:
        lists = [subject.allowed(name) for subject in subjects if name in subject.template.section("Parameters")]
        if all(lists):
            allowed[name] = tuple(dict.fromkeys(value for values in lists for value in values))
    return allowed


def _parameter_differences(before: Template, after: Template) -> Iterator[Difference]:
    """The parameters and keys that differ; descriptions and the order of AllowedValues are ignored."""
    old, new = before.section("Parameters"), after.section("Parameters")
    for name in {**old, **new}:
        place = join("Parameters", name)
        if name not in new:
            yield Difference(place, DifferenceKind.REMOVED, old=old[name])
        elif name not in old:
            yield Difference(place, DifferenceKind.ADDED, new=new[name])
        elif isinstance(old[name], dict) and isinstance(new[name], dict):
            yield from _key_differences(mapping(old[name]), mapping(new[name]), place)
        else:
            yield from value_differences(old[name], new[name], place)


def _key_differences(old: dict[str, Json], new: dict[str, Json], place: str) -> Iterator[Difference]:
    for key in {**old, **new}:
        if key in _PARAMETER_TEXTS or (key == "NoEcho" and is_true(old.get(key)) == is_true(new.get(key))):
            continue
        one, other = old.get(key), new.get(key)
        if key == "AllowedValues" and isinstance(one, list) and isinstance(other, list) and is_permutation(one, other):
            continue
        if not same(one, other) or (key in old) != (key in new):
            yield Difference(place + join(key), _kind(key in old, key in new), one, other)


def _kind(was: bool, now: bool) -> DifferenceKind:
    if was and now:
        return DifferenceKind.CHANGED
    return DifferenceKind.REMOVED if was else DifferenceKind.ADDED
