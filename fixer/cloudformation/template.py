"""CloudFormation's vocabulary over one document: resources, parameters, references, intrinsics. Pure."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from fixer import pointer
from fixer.aws import sam
from fixer.cloudformation.intrinsics import intrinsic_name, mapping, ref_target, sequence, sub_variables
from fixer.cloudformation.macros import macro_at
from fixer.cloudformation.references import Reference, references_in
from fixer.document import Document
from fixer.model import Json

SECTIONS_WITH_IDS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Rules")
_ITEM_NAMES = ("Sid", "Id", "Key", "Name", "SetIdentifier", "LogicalId")
_HARMLESS_TRANSFORMS = {"AWS::LanguageExtensions"}


@dataclass(frozen=True)
class Resource:
    """One entry of the Resources section. `properties` is empty if the template has none or has an intrinsic there."""

    logical_id: str
    type: str
    data: dict[str, Json]

    @property
    def pointer(self) -> str:
        """The pointer of the whole resource."""
        return pointer.join("Resources", self.logical_id)

    @property
    def properties(self) -> dict[str, Json]:
        """Its Properties mapping."""
        return mapping(self.data.get("Properties"))

    @property
    def condition(self) -> str | None:
        """The name of the condition under which it exists; None if it always exists."""
        condition = self.data.get("Condition")
        return condition if isinstance(condition, str) else None

    def at(self, *tokens: str | int) -> str:
        """The pointer of a property or of a place below it."""
        return self.pointer + "/Properties" + pointer.join(*tokens)


@dataclass(frozen=True)
class Template:
    """One template: its path as reported, its document, and queries about it."""

    path: str
    document: Document

    @classmethod
    def of_data(cls, path: str, data: Json) -> "Template":
        """A template with this data. Its text does not matter, because all queries are about the data."""
        return cls(path, Document.of_data(path, data))

    @cached_property
    def data(self) -> dict[str, Json]:
        """The data of the whole template."""
        return mapping(self.document.data)

    def section(self, name: str) -> dict[str, Json]:
        """A top-level mapping; empty if it is absent or not a mapping."""
        return mapping(self.data.get(name))

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """Every well-formed resource by logical id, in the order of the text."""
        found = {}
        for logical_id, body in self.section("Resources").items():
            if isinstance(body, dict) and isinstance(body.get("Type"), str):
                found[logical_id] = Resource(logical_id, str(body["Type"]), body)
        return found

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, in the order of the text."""
        return (resource for resource in self.resources.values() if resource.type in types)

    def parameter(self, name: str) -> dict[str, Json] | None:
        """The declaration of a parameter, or None."""
        declared = self.section("Parameters").get(name)
        return declared if isinstance(declared, dict) else None

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every reference to a parameter, a resource or a pseudo parameter, in the order of the text."""
        return tuple(references_in(self.data))

    def references_to(self, name: str) -> tuple[Reference, ...]:
        """The references to one logical id."""
        return tuple(reference for reference in self.references if reference.target == name)

    def literal(self, value: Json) -> Json:
        """The value as far as the text determines it: a Ref to a parameter gives its Default, a Fn::FindInMap with
        literal keys its entry, a Fn::Sub without variables its text; None if only a deployment can give the value.
        """
        if not isinstance(value, dict):
            return value
        if (name := ref_target(value)) is not None:
            declared = self.parameter(name)
            return declared.get("Default") if declared else None
        if isinstance(text := value.get("Fn::Sub"), str) and len(value) == 1 and not sub_variables(text):
            return text.replace("${!", "${")
        if isinstance(keys := value.get("Fn::FindInMap"), list) and len(value) == 1:
            return self._find_in_map(keys)
        return value if intrinsic_name(value) is None else None

    def certain(self, value: Json) -> tuple[Json, ...]:
        """Every possible value, () if only a deployment can give it. Like `literal`, but a Ref to a parameter counts
        only with AllowedValues, because a Default can be overridden.
        """
        if isinstance(value, dict) and (name := ref_target(value)) is not None:
            return tuple(sequence((self.parameter(name) or {}).get("AllowedValues")))
        if any(ref_target(inner) for _, inner in pointer.walk(value)):
            return ()
        found = self.literal(value)
        return () if found is None else (found,)

    def needs(self, logical_id: str) -> frozenset[str]:
        """The resources that CloudFormation creates before this one: those that it names, those that they name, and so
        on.
        """
        found: set[str] = set()
        waiting = [logical_id]
        while waiting:
            named = self._named_by.get(waiting.pop(), frozenset()) - found
            found |= named
            waiting += named
        return frozenset(found)

    @cached_property
    def _named_by(self) -> dict[str, frozenset[str]]:
        named: dict[str, set[str]] = {}
        for reference in self.references:
            section, owner = reference.owner
            if section == "Resources" and reference.target in self.resources:
                named.setdefault(owner, set()).add(reference.target)
        return {owner: frozenset(targets) for owner, targets in named.items()}

    def _find_in_map(self, keys: list[Json]) -> Json:
        found: Json = self.section("Mappings")
        for key in keys:
            resolved = self.literal(key)
            if not isinstance(found, dict) or not isinstance(resolved, str):
                return None
            found = found.get(resolved)
        return found if isinstance(found, str | int | float | bool) else None

    def fresh_id(self, *wishes: str, freed: tuple[str, ...] = ()) -> str:
        """The first of the wanted logical ids that no section uses yet; if all are in use, the first one with a number.

        `freed` are ids that the same patch removes.
        """
        taken = self._taken_ids - set(freed)
        for wish in wishes:
            if wish not in taken:
                return wish
        return next(name for n in range(2, 10_000) if (name := f"{wishes[0]}{n}") not in taken)

    @cached_property
    def _taken_ids(self) -> frozenset[str]:
        return frozenset(name for section in SECTIONS_WITH_IDS for name in self.section(section))

    @cached_property
    def unprovable(self) -> str:
        """Why no patch of this template can be proven; "" if patches can be proven. Only CloudFormation knows how
        macros and loops expand, and a generator overwrites the template that it generates.
        """
        if generator := self._generator():
            return f"the template is generated by {generator}: repair its source instead"
        for name in self._transforms:
            if self.is_sam:
                if not sam.version():
                    return f"the template uses {name}: install fixer[sam], which knows its expansion"
            elif name is not None and name not in _HARMLESS_TRANSFORMS:
                shown = name if isinstance(name, str) else "a Transform with parameters"
                return f"the template uses {shown}, whose expansion is not known"
        for place, value in pointer.walk(self.data):
            if macro := macro_at(place, value):
                return f"the template uses {macro} at {place or '/'}, whose expansion is not known"
        return ""

    @cached_property
    def expanded(self) -> "Template | None":
        """The template that CloudFormation deploys; None if AWS SAM rejects the template."""
        if not self.is_sam:
            return self
        data = sam.expand(self.data)
        return None if data is None else Template.of_data(self.path, data)

    @property
    def _transforms(self) -> list[Json]:
        transforms = self.data.get("Transform")
        return transforms if isinstance(transforms, list) else [transforms]

    @property
    def is_sam(self) -> bool:
        """Whether AWS SAM is the only transform: what it makes of the result of another one is not known."""
        return self._transforms == [sam.TRANSFORM]

    def _generator(self) -> str:
        for resource in self.section("Resources").values():
            metadata = mapping(mapping(resource).get("Metadata"))
            if "aws:cdk:path" in metadata:
                return "the AWS CDK"
            if "SamResourceId" in metadata:
                return "AWS SAM"
        return ""

    def key_of(self, place: str) -> str:
        """A name for a place that stays the same after unrelated edits: its pointer with every list index replaced by a
        fingerprint of the item (its Sid, Name or similar, else a digest; equal items are numbered).
        """
        tokens: list[str] = []
        data: Json = self.data
        for token in pointer.split(place):
            if isinstance(data, list):
                tokens.append(_fingerprint(data, int(token)))
                data = data[int(token)]
            else:
                tokens.append(token)
                data = mapping(data).get(token)
        return pointer.join(*tokens)


def _fingerprint(items: list[Json], index: int) -> str:
    names = [_item_name(item) for item in items]
    name = names[index]
    earlier = names[:index].count(name)
    return f"[{name}]" if not earlier else f"[{name}#{earlier + 1}]"


def _item_name(item: Json) -> str:
    if isinstance(item, dict):
        for name in _ITEM_NAMES:
            if isinstance(value := item.get(name), str):
                return f"{name}={value}"
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:12]
