"""Ways to break clean templates, each in the way that one of the twelve failures is named.

A mutation takes a project, path → data of a template, and breaks it in place; it returns the path that it broke, or
None where the project offers nothing to break.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Project = dict[str, dict[str, Any]]
Break = Callable[[Project], str | None]
_NETWORK = ("Subnet", "RouteTable", "Route", "InternetGateway", "VPCGatewayAttachment", "SubnetRouteTableAssociation")
_PEERING = ("VPCPeeringConnection", "PeeringRoute", "PeerIngress", "PeeringConnectionId")
_ALERTS = ("AWS::SNS::Subscription",)


@dataclass(frozen=True)
class Mutation:
    """A way to break something. `id` is the transform that repairs it, `options` and `require` what it needs for that;
    `exact`: the repair gives the clean data back; `alone`: a template need not be part of a known project.
    """

    id: str
    breaks: Break
    options: dict[str, str] = field(default_factory=dict)
    require: dict[str, str] = field(default_factory=dict)
    exact: bool = True
    alone: bool = False


def _resources(project: Project, *types: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, logical id, resource) of each resource of one of the types, those without a condition."""
    for path, template in project.items():
        for name, resource in template["Resources"].items():
            if resource.get("Type") in types and "Condition" not in resource:
                yield path, name, resource


def _user_name(project: Project) -> str | None:
    for path, _, resource in _resources(project, "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"):
        name = (
            (resource["Properties"].get("MasterUsername") or {}) if isinstance(resource.get("Properties"), dict) else {}
        )
        declared = project[path].get("Parameters", {}).get(name.get("Ref")) if isinstance(name, dict) else None
        if declared and "NoEcho" not in declared:
            declared["NoEcho"] = True
            return path
    return None


def _childless(project: Project) -> str | None:
    for path, _, resource in _resources(project, "AWS::Route53::HealthCheck"):
        config = resource["Properties"]["HealthCheckConfig"]
        if config.get("Type") == "CLOUDWATCH_METRIC" and "Ref" in config["AlarmIdentifier"].get("Name", ()):
            resource["Properties"]["HealthCheckConfig"] = {"Type": "CALCULATED", "ChildHealthChecks": []}
            return path
    return None


def _by_hand(project: Project) -> str | None:
    for path, name, resource in list(_resources(project, "AWS::Route53::RecordSet")):
        check = (resource["Properties"].get("HealthCheckId") or {}).get("Ref")
        if check in project[path]["Resources"]:
            del project[path]["Resources"][check]
            project[path]["Parameters"][f"{name}CheckId"] = {"Type": "String"}
            resource["Properties"]["HealthCheckId"] = {"Ref": f"{name}CheckId"}
            return path
    return None


def _no_network(project: Project) -> str | None:
    """The VPC and its subnets become parameters, where nothing but resources and outputs uses them."""
    for path, vpc, _ in list(_resources(project, "AWS::EC2::VPC")):
        template = project[path]
        subnets = [name for name, each in template["Resources"].items() if each["Type"] == "AWS::EC2::Subnet"]
        kinds = {f"AWS::EC2::{kind}" for kind in _NETWORK}
        for name in [name for name, each in template["Resources"].items() if each["Type"] in kinds]:
            del template["Resources"][name]
        del template["Resources"][vpc]
        gone = [*subnets, vpc, "PrivateRouteTable", "VPCPeeringConnection"]
        outputs = template.get("Outputs", {})
        for name in [
            name for name, each in outputs.items() if any(f'"{one}"' in json.dumps(each["Value"]) for one in gone)
        ]:
            del outputs[name]
        rest = json.dumps(template["Resources"]).replace(f'{{"Fn::GetAtt": ["{vpc}", "CidrBlock"]}}', '"10.0.0.0/16"')
        template["Resources"] = json.loads(rest.replace(f'{{"Ref": "{vpc}"}}', '{"Ref": "VpcId"}'))
        template["Parameters"] |= {
            "VpcId": {"Type": "AWS::EC2::VPC::Id"},
            "SubnetIds": {"Type": "List<AWS::EC2::Subnet::Id>"},
        }
        for _, _, group in _resources({path: template}, "AWS::RDS::DBSubnetGroup"):
            group["Properties"]["SubnetIds"] = {"Ref": "SubnetIds"}
        return path
    return None


def _not_peered(project: Project) -> str | None:
    broken = None
    for path, template in project.items():
        for section in ("Resources", "Parameters", "Conditions", "Outputs"):
            entries = template.get(section, {})
            for name in [name for name in entries if any(part in name for part in _PEERING)]:
                del entries[name]
                broken = path if section == "Resources" and name == "VPCPeeringConnection" else broken
            if section in template and not entries:
                del template[section]
    return broken


def _unseen(project: Project) -> str | None:
    """No dashboard, where there are databases to be shown."""
    shown = any(_resources(project, "AWS::RDS::DBInstance"))
    return _without("AWS::CloudWatch::Dashboard")(project) if shown else None


def _without(*types: str) -> Break:
    """Takes out the first resource of these types that nothing refers to."""

    def breaks(project: Project) -> str | None:
        for path, name, _ in list(_resources(project, *types)):
            if f'"{name}"' not in json.dumps(list(project[path]["Resources"].values())):
                del project[path]["Resources"][name]
                return path
        return None

    return breaks


def _unheard(project: Project) -> str | None:
    path = _without(*_ALERTS)(project)
    if path and '"Ref": "AlertEmail"' not in json.dumps(project[path]):
        project[path].get("Parameters", {}).pop("AlertEmail", None)
    return path


def _unwatched(project: Project) -> str | None:
    for path, _, resource in _resources(project, "AWS::RDS::DBInstance"):
        if resource["Properties"].get("MonitoringInterval") == 60:
            del resource["Properties"]["MonitoringInterval"]
            return path
    return None


def _undocumented(project: Project) -> str | None:
    for path, _, resource in _resources(project, "AWS::RDS::DBCluster"):
        if resource.get("Metadata", {}).keys() == {"LogExports"}:
            del resource["Metadata"]
            return path
    return None


def _same_window(project: Project) -> str | None:
    clusters = list(_resources(project, "AWS::RDS::DBCluster"))
    windows = [each["Properties"].get("PreferredBackupWindow") for _, _, each in clusters]
    if len(clusters) != 2 or None in windows:
        return None
    path, _, second = clusters[1]
    second["Properties"]["PreferredBackupWindow"] = windows[0]
    return path


def _open_to_all(project: Project) -> str | None:
    for path, _, resource in _resources(project, "AWS::EC2::SecurityGroup"):
        for rule in resource["Properties"].get("SecurityGroupIngress", ()):
            source = rule.pop("CidrIp", None) or rule.pop("SourceSecurityGroupId", None)
            if isinstance(source, dict) and rule.get("FromPort") in (3306, 5432):
                rule["CidrIp"] = "0.0.0.0/0"
                return path
    return None


def _copied(project: Project) -> str | None:
    for path, _, resource in _resources(project, "AWS::RDS::DBCluster"):
        if "Fn::GetStackOutput" in (resource["Properties"].get("GlobalClusterIdentifier") or ()):
            text = json.dumps(project[path]["Resources"])
            value = json.dumps(resource["Properties"]["GlobalClusterIdentifier"])
            project[path]["Resources"] = json.loads(text.replace(value, '{"Ref": "GlobalClusterIdentifier"}'))
            project[path]["Parameters"]["GlobalClusterIdentifier"] = {"Type": "String"}
            return path
    return None


MUTATIONS = (
    Mutation("missing-vpc", _no_network, require={"vpc": ""}, exact=False),
    Mutation("calculated-health-check", _childless),
    Mutation("health-check-parameter", _by_hand, exact=False),
    Mutation("missing-dashboard", _unseen, require={"dashboard": ""}, alone=True),
    Mutation("noecho-username", _user_name, alone=True),
    Mutation("missing-vpc-peering", _not_peered, require={"peering": ""}),
    Mutation("enhanced-monitoring", _unwatched, require={"monitoring": "60"}, alone=True),
    Mutation("topic-without-subscription", _unheard, {"email": "ops@example.com"}, alone=True),
    Mutation("backup-window-overlap", _same_window),
    Mutation("permissive-ingress", _open_to_all, alone=True),
    Mutation("manual-cross-stack-value", _copied),
    Mutation("log-export-permissions", _undocumented, require={"log-export-permissions": ""}, alone=True),
)
