"""The parameters with which a template takes its network from outside. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fixer.cloudformation.intrinsics import mapping, words
from fixer.cloudformation.public_addresses import has_public_address
from fixer.cloudformation.references import Reference
from fixer.cloudformation.template import Template
from fixer.model import Json

_VPC, _SUBNET, _SUBNETS = "AWS::EC2::VPC::Id", "AWS::EC2::Subnet::Id", "List<AWS::EC2::Subnet::Id>"
_SSM = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
_PROPERTIES = {
    "VpcId": _VPC,
    "SubnetId": _SUBNET,
    "SubnetIds": _SUBNETS,
    "Subnets": _SUBNETS,
    "VPCZoneIdentifier": _SUBNETS,
}
"""Property → the kind of an untyped parameter that is used only there."""

_OF_A_NETWORK = re.compile(
    r"(route ?table|nat ?gateway|internet ?gateway|network ?acl|vpc ?endpoint|availability ?zone)s?", re.I
)
_VPC_CIDR = re.compile(r"vpc(ipv4)?cidr(ip|v4|block|range|blockrange)?")


@dataclass(frozen=True)
class VpcParameters:
    """The parameters for the VPC, for single subnets and for lists of them, in the order of the text.

    `public` are those of the subnets that must be public; `elsewhere` are other parameters with a network's name.
    """

    vpcs: tuple[str, ...]
    single: tuple[str, ...]
    lists: tuple[str, ...]
    public: frozenset[str]
    elsewhere: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return self.vpcs + self.single + self.lists

    @property
    def needs_public(self) -> bool:
        """Whether some subnets must be public."""
        return bool(self.public)

    def values(self, vpc: str, private: tuple[str, ...], public: tuple[str, ...]) -> dict[str, Json] | str:
        """Parameter → its replacement, given the logical ids of the new VPC and its subnets; or why there is none."""
        found: dict[str, Json] = {name: {"Ref": vpc} for name in self.vpcs}
        for name in self.lists:
            found[name] = [{"Ref": subnet} for subnet in (public if name in self.public else private)]
        for is_public, subnets in ((False, private), (True, public)):
            wanted = [name for name in self.single if (name in self.public) is is_public]
            if len(wanted) > len(subnets):
                return f"there are {len(wanted)} parameters for subnets ({', '.join(wanted)}), but {len(subnets)} zones"
            found |= {name: {"Ref": subnet} for name, subnet in zip(wanted, subnets, strict=False)}
        return found


def vpc_parameters(template: Template) -> VpcParameters:
    """The network's parameters that resources use; none, unless one of them has the type of a VPC or subnet."""
    kinds: dict[str, str] = {}
    typed = False
    for name, declared in template.section("Parameters").items():
        uses = template.references_to(name)
        if not any(use.owner[0] == "Resources" for use in uses):
            continue
        declared_type = str(mapping(declared).get("Type"))
        inner = _SSM.fullmatch(declared_type)
        kind = inner[1] if inner else declared_type
        if kind in (_VPC, _SUBNET, _SUBNETS):
            kinds[name], typed = kind, True
        elif declared_type in ("String", "CommaDelimitedList", "List<String>") and (fed := _fed(uses)):
            kinds[name] = fed
    if not typed:
        kinds = {}
    of_kind = {kind: tuple(name for name, own in kinds.items() if own == kind) for kind in (_VPC, _SUBNET, _SUBNETS)}
    subnets = of_kind[_SUBNET] + of_kind[_SUBNETS]
    public = frozenset(name for name in subnets if _is_public(template, name))
    elsewhere = [name for name in template.section("Parameters") if name not in kinds and _OF_A_NETWORK.search(name)]
    return VpcParameters(of_kind[_VPC], of_kind[_SUBNET], of_kind[_SUBNETS], public, tuple(elsewhere))


def vpc_cidr_parameters(template: Template) -> Iterator[str]:
    """The String parameters whose name says that they are the VPC's block, in the order of the text."""
    for name, declared in template.section("Parameters").items():
        plain = re.sub("[^a-z0-9]", "", name.lower())
        if mapping(declared).get("Type") == "String" and _VPC_CIDR.fullmatch(plain):
            yield name


def _fed(uses: tuple[Reference, ...]) -> str:
    """The kind of a parameter that is used only in one of the properties for a network; "" for other parameters."""
    kinds = {_PROPERTIES.get(use.feeds, "") for use in uses if use.owner[0] != "Outputs"}
    return kinds.pop() if len(kinds) == 1 else ""


def _is_public(template: Template, name: str) -> bool:
    """Whether the parameter is named public, or is used by a resource with a public address and not named private."""
    called = words(name)
    if "public" in called or "private" in called:
        return "public" in called
    owners = {use.owner[1] for use in template.references_to(name) if use.owner[0] == "Resources"}
    return any(has_public_address(template, template.resources[each]) for each in owners & set(template.resources))
