"""How a template names and tags its resources, so that new ones follow its conventions. Pure."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from fixer.cloudformation.intrinsics import mapping, sequence, sub_variables
from fixer.cloudformation.template import Resource, Template
from fixer.model import Json

_NAMES = ("Name", "Identifier")
_MOST = 0.75


@dataclass(frozen=True)
class Convention:
    """The conventions of one template."""

    template: Template

    def name(self, what: str) -> Json:
        """The physical name, or Name tag, of a new resource: `what` is its lower-case words joined by hyphens.

        If most names of the template contain the same parameter (EnvironmentSuffix), the new name contains it in the
        same place, after the words that most of them begin with; otherwise it begins with the stack name.
        """
        if self.suffix is None:
            return {"Fn::Sub": f"${{AWS::StackName}}-{what}"}
        variable = f"${{{self.suffix}}}"
        if self._begins_with_suffix:
            return {"Fn::Sub": "-".join([variable, *self._prefix, what])}
        return {"Fn::Sub": "-".join([*self._prefix, what, variable])}

    def tags(self, what: str) -> list[Json]:
        """The Name tag and the tags that most tagged resources share."""
        return [{"Key": "Name", "Value": self.name(what)}, *self._shared_tags]

    def resource(
        self, type_: str, properties: dict[str, Json], depends_on: str = "", condition: str | None = None
    ) -> dict[str, Json]:
        """A resource, with a DeletionPolicy of Delete if every resource of the template has it."""
        body: dict[str, Json] = {"Type": type_}
        if condition:
            body["Condition"] = condition
        if depends_on:
            body["DependsOn"] = depends_on
        body["Properties"] = properties
        policies = [resource.data.get("DeletionPolicy") for resource in self.template.resources.values()]
        if policies and set(map(str, policies)) == {"Delete"}:
            body["DeletionPolicy"] = "Delete"
        return body

    def output(self, name: str, description: str, value: Json) -> dict[str, Json]:
        """An output; exported if most outputs are, as ${AWS::StackName}-Name if they use that form."""
        output: dict[str, Json] = {"Description": description, "Value": value}
        outputs = [mapping(each) for each in self.template.section("Outputs").values()]
        exports = [mapping(each.get("Export")).get("Name") for each in outputs if "Export" in each]
        if outputs and len(exports) * 2 > len(outputs) and (export := _like(exports, name)) is not None:
            output["Export"] = {"Name": export}
        return output

    @cached_property
    def suffix(self) -> str | None:
        """The String parameter in the Fn::Sub of at least half of the named resources; None if there is none."""
        named = self._named
        counts = Counter(variable for text in named for variable in set(sub_variables(text)))
        for name, count in counts.most_common():
            declared = self.template.parameter(name)
            if declared is not None and declared.get("Type") == "String" and count * 2 >= len(named):
                return name
        return None

    @cached_property
    def _named(self) -> list[str]:
        """The texts of the names of the named resources, one each; "" for a name that is not a Fn::Sub."""
        return [text for resource in self.template.resources.values() for text in _name_of(resource)]

    @cached_property
    def _with_suffix(self) -> list[str]:
        variable = f"${{{self.suffix}}}"
        return [text for text in self._named if variable in text]

    @property
    def _begins_with_suffix(self) -> bool:
        texts = self._with_suffix
        return sum(text.startswith("${") for text in texts) * 2 > len(texts)

    @cached_property
    def _prefix(self) -> list[str]:
        """The words that most names begin with, without the suffix and without paths such as alias/."""
        bare = [text.replace(f"${{{self.suffix}}}", "").strip("-_./").rpartition("/")[2] for text in self._with_suffix]
        split = [text.split("-") for text in bare if text]
        prefix: list[str] = []
        while split:
            heads = Counter(words[len(prefix)] for words in split if len(words) > len(prefix) + 1)
            word, count = heads.most_common(1)[0] if heads else ("", 0)
            if count < 2 or count < len(split) * _MOST or not re.fullmatch(r"[A-Za-z0-9]+|\$\{[A-Za-z0-9:]+\}", word):
                break
            split = [words for words in split if len(words) > len(prefix) and words[len(prefix)] == word]
            prefix.append(word)
        return prefix

    @cached_property
    def _shared_tags(self) -> list[Json]:
        tagged = [tags for resource in self.template.resources.values() if (tags := _tags(resource))]
        counts = Counter(json.dumps(tag) for tags in tagged for tag in tags if mapping(tag).get("Key") != "Name")
        return [json.loads(text) for text, count in counts.items() if count >= 2 and count >= len(tagged) * _MOST]


def _name_of(resource: Resource) -> Iterator[str]:
    """The text of the property that names the resource, if there is one."""
    if resource.type == "AWS::Route53::RecordSet":
        # A record's Name is a domain name; the name chosen by its author is its SetIdentifier.
        identifier = mapping(resource.properties.get("SetIdentifier")).get("Fn::Sub")
        if isinstance(identifier, str):
            yield identifier
        return
    for key, value in resource.properties.items():
        own = resource.type.rpartition("::")[2] + "Name"
        if key in ("Name", own) or (key.endswith(_NAMES) and _is_fixed(value)):
            argument = mapping(value).get("Fn::Sub")
            yield argument if isinstance(argument, str) else ""
            return


def _is_fixed(value: Json) -> bool:
    return isinstance(mapping(value).get("Fn::Sub"), str)


def _tags(resource: Resource) -> list[Json]:
    return [tag for tag in sequence(resource.properties.get("Tags")) if isinstance(tag, dict) and "Key" in tag]


def _like(exports: Iterable[Json], name: str) -> Json:
    """The name of an export, formed like the others: most of them share the text before the last separator of a
    Fn::Sub.
    """
    texts = [argument for export in exports if isinstance(argument := mapping(export).get("Fn::Sub"), str)]
    starts = Counter(re.sub(r"[A-Za-z0-9]+$", "", text) for text in texts)
    start, count = starts.most_common(1)[0] if starts else ("", 0)
    return {"Fn::Sub": start + name} if count * 2 > len(texts) and start.endswith(("-", ":", "_")) else None
