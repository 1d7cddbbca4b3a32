"""What a person has decided in a review so far."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fixer.model import Json, Resolution, Tier
from fixer.review.questions import Answer, Choice, Files

Limit = Tier | None
"""The worst tier that is applied without a question; None: all are skipped."""


@dataclass(frozen=True)
class One:
    """The decision about a finding in the template at `path`: the operations to apply (none: the patch's own), or None
    if it is skipped.
    """

    path: str
    files: Files | None


@dataclass(frozen=True)
class Decided:
    """All decisions: about single findings by finding key, and about all findings of a transform, a file or a tier.
    `values` are the values that were set.
    """

    findings: Mapping[str, One] = field(default_factory=dict)
    transforms: Mapping[str, Limit] = field(default_factory=dict)
    files: Mapping[str, Limit] = field(default_factory=dict)
    tiers: Mapping[Tier, Limit] = field(default_factory=dict)
    values: tuple[tuple[str, str, str], ...] = ()

    def limits(self, name: str, path: str, tier: Tier) -> list[Limit]:
        """The decisions about groups to which a finding belongs: its transform, its file and its tier."""
        found: list[Limit] = [self.transforms[name]] if name in self.transforms else []
        found += [self.files[path]] if path in self.files else []
        return found + ([self.tiers[tier]] if tier in self.tiers else [])

    def skips(self, each: Resolution) -> bool:
        """Whether the finding, or a group to which it belongs, was skipped."""
        if one := self.findings.get(each.finding.key):
            return one.files is None
        return None in self.limits(each.finding.id, each.finding.path, each.tier)

    def with_answer(self, asked: Resolution, answer: Answer) -> "Decided":
        """The decisions after the answer to the question about a finding."""
        finding, accepted = asked.finding, asked.tier if answer.accept else None
        match answer.choice:
            case Choice.APPLY | Choice.EDIT | Choice.EDIT_TEXT:
                one = One(finding.path, answer.files)
                return replace(self, findings={**self.findings, finding.key: one})
            case Choice.SKIP:
                return replace(self, findings={**self.findings, finding.key: One(finding.path, None)})
            case Choice.APPLY_ALL:
                return replace(self, transforms={**self.transforms, finding.id: asked.tier})
            case Choice.SKIP_ALL:
                return replace(self, transforms={**self.transforms, finding.id: None})
            case Choice.FILE:
                return replace(self, files={**self.files, finding.path: accepted})
            case Choice.TIER:
                return replace(self, tiers={**self.tiers, asked.tier: accepted})
            case _:
                return replace(self, values=self.values + answer.values)

    def without(self, key: str) -> "Decided":
        """The decisions without the one about a finding."""
        return replace(self, findings={each: one for each, one in self.findings.items() if each != key})

    def outside(self, changed: Collection[str]) -> "Decided":
        """The decisions that still hold when these files have changed: those about single findings in other files."""
        if not changed:
            return self
        return Decided({key: one for key, one in self.findings.items() if one.path not in changed}, values=self.values)

    @property
    def count(self) -> int:
        """The number of decisions."""
        return len(self.findings) + len(self.transforms) + len(self.files) + len(self.tiers) + len(self.values)

    def as_json(self) -> dict[str, Json]:
        """The decisions as JSON, which `from_json` reads."""
        findings: list[Json] = [
            {"key": key, "path": one.path, "files": None if one.files is None else _listed(one.files)}
            for key, one in self.findings.items()
        ]
        groups: dict[str, Mapping[Any, Limit]] = {
            "transforms": self.transforms,
            "files": self.files,
            "tiers": self.tiers,
        }
        limits: dict[str, Json] = {
            name: {str(each): str(limit) if limit else None for each, limit in group.items()}
            for name, group in groups.items()
        }
        return {"findings": findings, **limits, "values": [list(each) for each in self.values]}

    @classmethod
    def from_json(cls, document: Any) -> "Decided":
        """The decisions that `as_json` wrote. Raises ValueError for anything else."""
        try:
            findings = {
                str(each["key"]): One(str(each["path"]), None if each["files"] is None else _files(each["files"]))
                for each in document["findings"]
            }
            values = tuple((str(name), str(option), str(value)) for name, option, value in document["values"])
            tiers = _limits(document["tiers"], Tier)
            return cls(findings, _limits(document["transforms"], str), _limits(document["files"], str), tiers, values)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("not decisions of a review") from error


def _listed(files: Files) -> dict[str, Json]:
    return {path: list(ops) for path, ops in files.items()}


def _files(document: Any) -> Files:
    return {str(path): tuple(dict(op) for op in ops) for path, ops in document.items()}


def _limits(document: Any, kind: Callable[[str], Any]) -> dict[Any, Limit]:
    return {kind(name): None if limit is None else Tier(limit) for name, limit in document.items()}
