"""A process of its own: moto's server on 127.0.0.1, with the types that its CloudFormation lacks carried to its APIs.

moto's CloudFormation skips clusters, alarms, subscriptions and secrets, though its RDS, CloudWatch, SNS and Secrets
Manager know them. A `Bridge` names the API call that creates such a resource: botocore then refuses unknown
properties, wrong types and functions that nobody resolved, as moto itself would not. Run as `python emulator.py PORT`.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import boto3
import jmespath
from moto.cloudformation import parsing
from moto.server import main

Call = Callable[[Any, dict[str, Any]], Any]
"""Creates a resource: (boto3 client, properties of the template) to what the attributes are read from."""

SECRET = re.compile(r"\{\{resolve:secretsmanager:(.+?)(?::SecretString(?::([^:}]*))?)?:*\}\}")


@dataclass(frozen=True)
class Bridge:
    """How a resource type reaches moto's API: service, operation or function, and where Ref and GetAtt are answered.

    `name` is the property that names the resource ("": it has none), `ref` and `attributes` are jmespath expressions
    over the answer (`ref` "": the name). `modify` is the operation that updates the properties in `mutable`; those
    are what the CloudFormation reference gives as "Update requires: No interruption". Any other update fails.
    """

    service: str
    create: str | Call
    name: str = ""
    ref: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    modify: str = ""
    mutable: frozenset[str] = frozenset()


def _alarm(client: Any, properties: dict[str, Any]) -> Any:
    client.put_metric_alarm(**properties)
    return client.describe_alarms(AlarmNames=[properties["AlarmName"]])


def _secret(client: Any, properties: dict[str, Any]) -> Any:
    rules = properties.pop("GenerateSecretString", None)
    if rules is not None:
        template, key = rules.pop("SecretStringTemplate", None), rules.pop("GenerateStringKey", None)
        rules = typed(client, "get_random_password", rules)
        password = client.get_random_password(**rules)["RandomPassword"]
        if (template is None) != (key is None):
            raise ValueError("SecretStringTemplate and GenerateStringKey go together")
        properties["SecretString"] = json.dumps({**json.loads(template), key: password}) if key else password
    return client.create_secret(**properties)


def _health_check(client: Any, properties: dict[str, Any]) -> Any:
    tags = properties.pop("HealthCheckTags", [])
    answer = client.create_health_check(CallerReference=str(uuid4()), **properties)
    identifier = answer["HealthCheck"]["Id"]
    client.change_tags_for_resource(ResourceType="healthcheck", ResourceId=identifier, AddTags=tags)
    return answer


def _peering(client: Any, properties: dict[str, Any]) -> Any:
    tags = properties.pop("Tags", [])
    properties.pop("PeerRoleArn", None)
    answer = client.create_vpc_peering_connection(**properties)
    identifier = answer["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    peer = _client("ec2", properties.get("PeerRegion") or client.meta.region_name)
    peer.accept_vpc_peering_connection(VpcPeeringConnectionId=identifier)
    if tags:
        client.create_tags(Resources=[identifier], Tags=tags)
    return answer


def _cluster_parameters(client: Any, properties: dict[str, Any]) -> Any:
    properties["DBParameterGroupFamily"] = properties.pop("Family")
    properties.pop("Parameters", None)
    return client.create_db_cluster_parameter_group(**properties)


def _key(client: Any, properties: dict[str, Any]) -> Any:
    rotated = properties.pop("EnableKeyRotation", False)
    properties.pop("PendingWindowInDays", None)
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties.pop("Tags", [])]
    policy = json.dumps(properties.pop("KeyPolicy"))
    answer = client.create_key(**properties, Policy=policy, Tags=tags)
    if rotated in (True, "true"):
        client.enable_key_rotation(KeyId=answer["KeyMetadata"]["KeyId"])
    return answer


BRIDGES = {
    "AWS::CloudWatch::Alarm": Bridge("cloudwatch", _alarm, "AlarmName", "", {"Arn": "MetricAlarms[0].AlarmArn"}),
    "AWS::EC2::VPCPeeringConnection": Bridge(
        "ec2",
        _peering,
        "",
        "VpcPeeringConnection.VpcPeeringConnectionId",
        {"Id": "VpcPeeringConnection.VpcPeeringConnectionId"},
    ),
    "AWS::KMS::Key": Bridge(
        "kms", _key, "", "KeyMetadata.KeyId", {"Arn": "KeyMetadata.Arn", "KeyId": "KeyMetadata.KeyId"}
    ),
    "AWS::RDS::DBCluster": Bridge(
        "rds",
        "create_db_cluster",
        "DBClusterIdentifier",
        "",
        {
            "DBClusterArn": "DBCluster.DBClusterArn",
            "DBClusterResourceId": "DBCluster.DbClusterResourceId",
            "Endpoint.Address": "DBCluster.Endpoint",
            "Endpoint.Port": "DBCluster.Port",
            "ReadEndpoint.Address": "DBCluster.ReaderEndpoint",
        },
        "modify_db_cluster",
        frozenset(
            {"BackupRetentionPeriod", "CopyTagsToSnapshot", "PreferredBackupWindow", "PreferredMaintenanceWindow"}
        ),
    ),
    "AWS::RDS::DBClusterParameterGroup": Bridge("rds", _cluster_parameters, "DBClusterParameterGroupName"),
    "AWS::RDS::DBInstance": Bridge(
        "rds",
        "create_db_instance",
        "DBInstanceIdentifier",
        "",
        {
            "DBInstanceArn": "DBInstance.DBInstanceArn",
            "DbiResourceId": "DBInstance.DbiResourceId",
            "Endpoint.Address": "DBInstance.Endpoint.Address",
            "Endpoint.Port": "DBInstance.Endpoint.Port",
        },
    ),
    "AWS::RDS::DBSubnetGroup": Bridge("rds", "create_db_subnet_group", "DBSubnetGroupName"),
    "AWS::RDS::GlobalCluster": Bridge("rds", "create_global_cluster", "GlobalClusterIdentifier"),
    "AWS::Route53::HealthCheck": Bridge(
        "route53", _health_check, "", "HealthCheck.Id", {"HealthCheckId": "HealthCheck.Id"}
    ),
    "AWS::SNS::Subscription": Bridge("sns", "subscribe", "", "SubscriptionArn", {"Arn": "SubscriptionArn"}),
    "AWS::SecretsManager::Secret": Bridge("secretsmanager", _secret, "Name", "ARN", {"Id": "ARN"}),
}
"""The types that moto's CloudFormation lacks, or wrongly creates: keys, instances, subnet groups, checks, peering."""

OPERATIONS = {
    "AWS::CloudWatch::Alarm": "put_metric_alarm",
    "AWS::EC2::VPCPeeringConnection": "create_vpc_peering_connection",
    "AWS::KMS::Key": "create_key",
    "AWS::RDS::DBClusterParameterGroup": "create_db_cluster_parameter_group",
    "AWS::Route53::HealthCheck": "create_health_check",
    "AWS::SecretsManager::Secret": "create_secret",
}
"""Whose shape the properties take, for bridges that are functions."""


def _client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, endpoint_url=f"http://127.0.0.1:{sys.argv[1]}")


def typed(client: Any, operation: str, properties: Any) -> Any:
    """The properties in the types of the operation: CloudFormation takes "60" for 60 and "true" for true."""
    name = client.meta.method_to_api_mapping[operation]
    return _coerced(properties, client.meta.service_model.operation_model(name).input_shape)


def _coerced(value: Any, shape: Any) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return {
            key: _coerced(each, shape.members[key]) if key in shape.members else each for key, each in value.items()
        }
    if kind == "list" and isinstance(value, list):
        return [_coerced(each, shape.member) for each in value]
    if kind in ("integer", "long") and isinstance(value, str) and value.isdigit():
        return int(value)
    if kind in ("double", "float") and isinstance(value, str) and value.replace(".", "", 1).isdigit():
        return float(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return str(value) if kind == "string" and type(value) in (int, float) else value


def _resolved(value: Any, region: str) -> Any:
    """The value with its dynamic references to secrets followed: a secret that is absent is an error."""
    if isinstance(value, dict):
        return {key: _resolved(each, region) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each, region) for each in value]
    if not isinstance(value, str) or not (found := SECRET.fullmatch(value)):
        return value
    secret = _client("secretsmanager", region).get_secret_value(SecretId=found[1])["SecretString"]
    return json.loads(secret)[found[2]] if found[2] else secret


class Bridged:
    """A resource that a bridge created, with the methods of moto's models; each type has a subclass of its own."""

    kind = ""

    def __init__(self, identifier: str, answer: Any, properties: Any) -> None:
        self.identifier, self.answer, self.properties = identifier, answer, properties

    @property
    def physical_resource_id(self) -> str:
        """What Ref answers."""
        return self.identifier

    @classmethod
    def cloudformation_type(cls) -> str:
        """The resource type."""
        return cls.kind

    @classmethod
    def cloudformation_name_type(cls) -> str:
        """The property that names the resource, "" if none."""
        return BRIDGES[cls.kind].name

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether Fn::GetAtt may name it."""
        return attr in BRIDGES[cls.kind].attributes

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        """What Fn::GetAtt answers; an unknown attribute is a KeyError, which moto makes an error of the server."""
        found = jmespath.search(BRIDGES[self.kind].attributes[attribute_name], self.answer)
        if found is None:
            raise KeyError(f"{self.kind} {self.identifier} has no {attribute_name} yet")
        return str(found)

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
    ) -> "Bridged":
        """Creates the resource through the API; RuntimeError where that fails, since moto swallows a KeyError."""
        properties = cloudformation_json.get("Properties", {})
        try:
            return cls._created(resource_name, properties, region_name)
        except Exception as error:
            raise RuntimeError(f"{cls.kind} {resource_name}: {error!r}") from error

    @classmethod
    def _created(cls, resource_name: str, properties: Any, region_name: str) -> "Bridged":
        bridge = BRIDGES[cls.kind]
        given = {**properties, bridge.name: resource_name} if bridge.name else dict(properties)
        client = _client(bridge.service, region_name)
        renamed = _resolved(given, region_name)
        call = bridge.create
        if isinstance(call, str):
            answer = getattr(client, call)(**typed(client, call, renamed))
        else:
            answer = call(client, typed(client, OPERATIONS[cls.kind], renamed))
        return cls(jmespath.search(bridge.ref, answer) if bridge.ref else resource_name, answer, properties)

    def is_created(self) -> bool:
        """Always: the call has answered."""
        return True

    def delete(self, account_id: str, region_name: str) -> None:
        """Not emulated: a stack that loses such a resource fails."""
        raise NotImplementedError(f"{self.kind} {self.identifier}: removal is not emulated")

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "Bridged":
        """The resource after the update; NotImplementedError for a property that AWS may not update in place."""
        bridge, old, new = BRIDGES[cls.kind], original_resource.properties, cloudformation_json.get("Properties", {})
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        if not changed <= bridge.mutable & set(new):
            raise NotImplementedError(f"{cls.kind} {original_resource.identifier}: no update in place of {changed}")
        if changed:
            client = _client(bridge.service, region_name)
            given = {bridge.name: original_resource.identifier, **{key: new[key] for key in changed}}
            getattr(client, bridge.modify)(**typed(client, bridge.modify, given))
        return cls(original_resource.identifier, original_resource.answer, new)


def register() -> None:
    """Puts the bridges before moto's own models of the same types."""
    models = parsing.get_model_map()
    for kind in BRIDGES:
        models[kind] = type(kind.replace(":", ""), (Bridged,), {"kind": kind})
        parsing.get_name_type_map()[kind] = BRIDGES[kind].name


if __name__ == "__main__":
    register()
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
