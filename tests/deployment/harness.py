"""Deploys templates to the emulator, more strictly than the emulator: what it would let pass fails here.

Done here because moto does not: constraints of parameters, Fn::GetStackOutput (against the stack that is named) and
Fn::GetAZs; functions that moto would store as text; resources that it skips; a look at what its services stored.
A parameter without value moto refuses by itself. What is not checked is listed in `UNPROVEN`.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.parsers import ResponseParserError
from cloud import Cloud, NotProven, Stack

STUBBED: frozenset[str] = frozenset()
"""Types that neither moto nor the bridges of emulator.py create: in a stack they are skipped, and count as unproven."""

NAMELESS = frozenset({"AWS::EC2::SecurityGroupIngress"})
"""What moto creates and gives no physical id, so that the stack does not show it."""

UNPROVEN = (
    "that ingress rules of their own are in the stack: moto creates them and gives them no id",
    *sorted(STUBBED),
    "AWS::RDS::DBClusterParameterGroup: Parameters",
    "AWS::EC2::VPCPeeringConnection: PeerRoleArn; AWS::KMS::Key: PendingWindowInDays",
    "AWS::KMS::Key: whether the policy suffices; AWS::IAM::Role: whether the permissions do",
    "AWS::RDS::*: engine versions, instance classes, windows, subnets in enough zones, replication",
    "AWS::CloudWatch::Alarm and Dashboard: whether metrics of these names and dimensions exist",
    "AWS::Route53::*: whether the health check can reach what it names; records: whether the name is in the zone",
    "AWS::SNS::Subscription: the confirmation by the recipient",
    "updates: whether AWS would replace or interrupt a resource; moto knows nothing of update behaviour",
)
"""What a stack that deploys here does not show."""

KNOWN_FUNCTIONS = {
    *("Fn::And", "Fn::Base64", "Fn::Equals", "Fn::FindInMap", "Fn::GetAtt", "Fn::If", "Fn::ImportValue", "Fn::Join"),
    *("Fn::Not", "Fn::Or", "Fn::Select", "Fn::Split", "Fn::Sub", "Fn::ToJsonString"),
}
"""What moto computes; it stores any other function as it stands."""

PSEUDO = {"AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}

STORED = (
    ("ec2", "describe_vpcs"),
    ("ec2", "describe_subnets"),
    ("ec2", "describe_security_groups"),
    ("ec2", "describe_route_tables"),
    ("ec2", "describe_vpc_peering_connections"),
    ("sns", "list_topics"),
    ("sns", "list_subscriptions"),
    ("iam", "list_roles"),
    ("kms", "list_aliases"),
    ("logs", "describe_log_groups"),
    ("secretsmanager", "list_secrets"),
    ("route53", "list_health_checks"),
    ("cloudwatch", "describe_alarms"),
    ("cloudwatch", "list_dashboards"),
    ("rds", "describe_db_subnet_groups"),
    ("rds", "describe_db_clusters"),
    ("rds", "describe_db_instances"),
    ("rds", "describe_global_clusters"),
    ("cloudformation", "list_exports"),
)
"""What is asked of the services of a region after a deployment."""


def required(template: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without a default, which whoever deploys must pass."""
    return {name: each for name, each in template.get("Parameters", {}).items() if "Default" not in each}


def deploy(cloud: Cloud, template: dict[str, Any], name: str, region: str, given: Mapping[str, str]) -> Stack:
    """The stack that create_stack makes of the template; NotProven, or botocore's ClientError where it is refused."""
    return _carried_out(cloud, template, name, region, given, "create")


def update(cloud: Cloud, template: dict[str, Any], name: str, region: str, given: Mapping[str, str]) -> Stack:
    """The stack after update_stack with the template; errors as for `deploy`."""
    return _carried_out(cloud, template, name, region, given, "update")


def _carried_out(
    cloud: Cloud, template: dict[str, Any], name: str, region: str, given: Mapping[str, str], action: str
) -> Stack:
    _check_constraints(template, given)
    ready = _substituted(cloud, template, {**PSEUDO, **_values(template, given), "AWS::Region": region}, name)
    left = {key for key in _keys(ready) if key.startswith("Fn::")} - KNOWN_FUNCTIONS
    if left:
        raise NotProven(f"{name}: moto computes no {', '.join(sorted(left))}")
    formation = cloud.client("cloudformation", region)
    try:
        getattr(formation, f"{action}_stack")(
            StackName=name,
            TemplateBody=json.dumps(ready),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    except ResponseParserError as error:
        raise NotProven(f"{name}: HTTP 500: {_cause(cloud)}") from error
    stack = _described(formation, name, region, f"{action.upper()}_COMPLETE")
    _check_resources(cloud, ready, stack)
    _check_stored(cloud, stack)
    return stack


def _cause(cloud: Cloud) -> str:
    """The last line of the traceback that the server writes after it has answered 500."""
    lines: list[str] = []
    for _ in range(30):
        lines += cloud.complaints()
        if lines and re.match(r"[\w.]+(Error|Exception)\b", lines[-1]):
            return lines[-1]
        time.sleep(0.1)
    return f"no cause in the log: {lines[-3:]}"


def _values(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    defaults = {key: str(each["Default"]) for key, each in template.get("Parameters", {}).items() if "Default" in each}
    return {**defaults, **given}


def _check_constraints(template: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """As CloudFormation: a value, default or given, that its own parameter forbids; a value for no parameter."""
    declared = template.get("Parameters", {})
    if unknown := set(given) - set(declared):
        raise NotProven(f"values for parameters that do not exist: {', '.join(sorted(unknown))}")
    for key, value in _values(template, given).items():
        rules = declared[key]
        kept = (
            value in [str(each) for each in rules.get("AllowedValues", [value])],
            re.fullmatch(rules.get("AllowedPattern", "(?s:.*)"), value),
            int(rules.get("MinLength", 0)) <= len(value) <= int(rules.get("MaxLength", 4096)),
        )
        if not all(kept):
            raise NotProven(f"parameter {key}: its constraints forbid its value")


def _substituted(cloud: Cloud, value: Any, values: Mapping[str, str], stack: str) -> Any:
    """The value with Fn::GetStackOutput and Fn::GetAZs replaced by what they give."""
    if isinstance(value, list):
        return [_substituted(cloud, each, values, stack) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::GetStackOutput"}:
        return _stack_output(cloud, value["Fn::GetStackOutput"], {**values, "AWS::StackName": stack})
    if set(value) == {"Fn::GetAZs"}:
        region = _literal(value["Fn::GetAZs"], values) or values["AWS::Region"]
        zones = cloud.client("ec2", region).describe_availability_zones()["AvailabilityZones"]
        return [zone["ZoneName"] for zone in zones]
    return {key: _substituted(cloud, each, values, stack) for key, each in value.items()}


def _stack_output(cloud: Cloud, wanted: Mapping[str, Any], values: Mapping[str, str]) -> str:
    name, output = (_literal(wanted[key], values) for key in ("StackName", "OutputName"))
    region = _literal(wanted.get("Region", ""), values) or values["AWS::Region"]
    stacks = cloud.client("cloudformation", region).describe_stacks()["Stacks"]
    outputs = {each["StackName"]: each.get("Outputs", []) for each in stacks}
    if name not in outputs:
        raise NotProven(f"Fn::GetStackOutput: no stack {name} in {region}")
    for each in outputs[name]:
        if each["OutputKey"] == output:
            return str(each["OutputValue"])
    raise NotProven(f"Fn::GetStackOutput: stack {name} in {region} has no output {output}")


def _literal(value: Any, values: Mapping[str, str]) -> str:
    """The text of a literal, a Ref to a parameter or pseudo parameter, or a Fn::Sub of those."""
    if isinstance(value, str):
        return value
    match value:
        case {"Ref": str(name)} if name in values:
            return values[name]
        case {"Fn::Sub": str(text)} if all(name in values for name in re.findall(r"\$\{([^}]+)\}", text)):
            return re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], text)
    raise NotProven(f"not known before the stack exists: {json.dumps(value)}")


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(each)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(each)


def _described(formation: Any, name: str, region: str, status: str) -> Stack:
    [found] = formation.describe_stacks(StackName=name)["Stacks"]
    if found["StackStatus"] != status:
        raise NotProven(f"{name}: {found['StackStatus']} {found.get('StackStatusReason', '')}")
    rows = formation.describe_stack_resources(StackName=name)["StackResources"]
    rows = [row for row in rows if "LogicalResourceId" in row]  # what moto skipped is an empty row
    return Stack(
        name,
        region,
        {each["OutputKey"]: each.get("OutputValue", "") for each in found.get("Outputs", [])},
        {row["LogicalResourceId"]: row.get("PhysicalResourceId", "") for row in rows},
        {row["LogicalResourceId"]: row["ResourceType"] for row in rows},
    )


def _check_resources(cloud: Cloud, template: Mapping[str, Any], stack: Stack) -> None:
    """Every unconditional resource and output of the template is in the stack, and the server complained of nothing."""
    kinds = {name: each["Type"] for name, each in template["Resources"].items() if "Condition" not in each}
    absent = [name for name, kind in kinds.items() if kind not in STUBBED | NAMELESS and not stack.physical.get(name)]
    unexpected = set(stack.physical) - set(template["Resources"])
    outputs = {name for name, each in template.get("Outputs", {}).items() if "Condition" not in each}
    unanswered = [name for name in outputs if not stack.outputs.get(name)]
    complaints = [line for line in cloud.complaints() if not any(kind in line for kind in STUBBED)]
    if absent or unexpected or unanswered or complaints:
        told = {"absent": absent, "left": unexpected, "no value": unanswered, "log": complaints[-12:]}
        raise NotProven(f"{stack.name}: {told}")


def _check_stored(cloud: Cloud, stack: Stack) -> None:
    """No function is left in what the services of the stack's region stored."""
    for place, answer in [("outputs", dict(stack.outputs)), *_stored(cloud, stack)]:
        keys = [key for key in _keys(answer) if key.startswith("Fn::") or key == "Ref"]
        texts = [text for text in _texts(answer) if re.search(r"""Fn::|["']Ref["']:|\$\{[A-Z]|\{\{resolve:""", text)]
        if keys or texts:
            raise NotProven(f"{stack.name}, {place}: unresolved {keys or texts}")


def _stored(cloud: Cloud, stack: Stack) -> Iterator[tuple[str, Any]]:
    for service, operation in STORED:
        answer = getattr(cloud.client(service, stack.region), operation)()
        answer.pop("ResponseMetadata")
        yield f"{service} {operation}", answer
    detail: Mapping[str, Callable[[str], Any]] = {
        "AWS::KMS::Key": lambda key: cloud.client("kms", stack.region).get_key_policy(KeyId=key, PolicyName="default"),
        "AWS::CloudWatch::Dashboard": lambda key: cloud.client("cloudwatch", stack.region).get_dashboard(
            DashboardName=key
        ),
    }
    for kind, look in detail.items():
        for identifier in stack.of_type(kind):
            yield f"{kind} {identifier}", look(identifier)
    route53 = cloud.client("route53", stack.region)
    for zone in route53.list_hosted_zones()["HostedZones"]:
        yield "route53 records", route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
