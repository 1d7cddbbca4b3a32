"""The names that the findings of a run mention: a declaration with such a name is not removed while they are open."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from fixer import pointer
from fixer.cloudformation.project import Project
from fixer.engine.proposal import Setup
from fixer.model import LintMatch, Resolution

_CHOICES = re.compile(r" is not one of \[[^\]]*\]")
"""The list of all names that would be allowed, which does not mean each of them."""


_KEPT = ("Mappings", "Conditions")
"""Sections whose entries stay, although nothing uses them, in a run that has repaired something in them."""


def naming(setup: Setup, project: Project, resolutions: Iterable[Resolution]) -> Setup:
    """The setup for the transforms that run last: it knows the words of all other findings and lint matches."""
    last = {transform.id for transform in setup.transforms if transform.last}
    rules = {rule for transform in setup.transforms if transform.last for rule in transform.rules}
    words: dict[str, set[str]] = {path: set() for path in setup.scope}
    for each in resolutions:
        if each.finding.id not in last:
            for path in {each.finding.path, *each.patches}:
                words.setdefault(path, set()).update(_words(each))
    for path in setup.scope:
        matches = setup.matches(project.templates[path])
        words[path].update(word for match in matches if match.rule not in rules for word in _said(match))
    for finding in setup.repaired:
        section, *names = pointer.split(finding.pointer)[:2]
        if section in _KEPT:
            words.setdefault(finding.path, set()).update(names)
    return replace(setup, named={path: frozenset(found) for path, found in words.items()})


def _words(each: Resolution) -> Iterator[str]:
    """The words of a finding: its message, the value that it is about, its reason and its patch."""
    operations = [op for ops in each.patches.values() for op in ops if op["op"] != "test"]
    # A finding about a whole section or template does not name each entry in it.
    seen = each.finding.seen if each.finding.pointer.count("/") > 1 else None
    for text in (each.finding.message, each.reason, *each.notes, json.dumps([seen, operations])):
        yield from re.findall(r"\w+", _CHOICES.sub("", text))


def _said(match: LintMatch) -> Iterator[str]:
    yield from re.findall(r"\w+", _CHOICES.sub("", match.message))
