"""The two VPCs of a project, in two Regions, that must reach each other. Pure."""

from dataclasses import dataclass
from ipaddress import IPv4Network

from fixer.authoring.context import Context
from fixer.cloudformation.ingress import VPC, ipv4
from fixer.cloudformation.network_parameters import vpc_parameters
from fixer.cloudformation.template import Resource, Template
from fixer.model import Deduction


@dataclass(frozen=True)
class Side:
    """One side: the template, its VPC, the CIDR block of the VPC, the Region, and a title for the texts about it."""

    template: Template
    vpc: Resource
    block: IPv4Network | None
    region: Deduction | None
    title: str


def sides(ctx: Context) -> tuple[Side, Side] | None:
    """The primary's side and the other side; None unless two templates, for different Regions, have one VPC each."""
    found = [(template, list(template.of_type(VPC))) for template in ctx.project.ordered if any(template.of_type(VPC))]
    if len(found) != 2 or any(len(vpcs) != 1 for _, vpcs in found) or not ctx.project.apart(found[0][0], found[1][0]):
        return None
    first, second = (
        Side(
            template,
            vpcs[0],
            _block(template, vpcs[0]),
            ctx.project.region(template),
            role.value if (role := ctx.project.role(template)) else template.path.rpartition("/")[2],
        )
        for template, vpcs in found
    )
    return first, second


def _block(template: Template, vpc: Resource) -> IPv4Network | None:
    known = template.certain(vpc.properties.get("CidrBlock"))
    return ipv4(known[0]) if len(known) == 1 else None


def vpc_parameter(template: Template, ctx: Context) -> str:
    """The parameter with the only VPC of a template; "" if there is another VPC or a parent stack passes this one."""
    names = vpc_parameters(template).vpcs
    is_own = len(names) == 1 and not any(template.of_type(VPC)) and not ctx.project.is_passed(template, names[0])
    return names[0] if is_own else ""
