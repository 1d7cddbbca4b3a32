"""What fixer's proof costs, as ratios measured side by side: run it in the environment that fixer is installed in.

    python benchmarks/apply.py [--runs N] [FILE]

1. `fixer apply --no-cache FILE`, with a lint before and one after, to a plain `cfn-lint FILE`: at most 0.85.
   FILE is by default a template of about 30 KB with something to repair.
2. `fixer --help` to `python -c pass`: at most 6.

The two sides take turns, so that a busy machine slows both; the figures are medians. Nothing is asserted, as a timed
test fails on a busy day.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LENGTH = 30_000
"""Characters of the template."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    fixer, cfn_lint = _script("fixer"), _script("cfn-lint")
    with tempfile.TemporaryDirectory() as folder:
        file = options.file
        if file is None:
            file = Path(folder, "template.json")
            file.write_text(json.dumps(_template(), indent=2) + "\n")
        print(f"{file.name}, {file.stat().st_size / 1000:.1f} KB, {options.runs} runs each")
        _require_work([fixer, "apply", "--no-cache", str(file)])
        _compare([fixer, "apply", "--no-cache", str(file)], [cfn_lint, str(file)], 0.85, options.runs)
    _compare([fixer, "--help"], [sys.executable, "-c", "pass"], 6, options.runs)


def _compare(ours: list[str], theirs: list[str], target: float, runs: int) -> None:
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(runs + 1)][1:]  # the first warms the disk's cache
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(first / second for first, second in pairs)
    names = [" ".join([Path(command[0]).name, *command[1:-1], Path(command[-1]).name]) for command in (ours, theirs)]
    print(f"{names[0]}  {mine:.3f} s    {names[1]}  {other:.3f} s    ratio {ratio:.2f}, at most {target}")


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    return time.perf_counter() - started


def _require_work(command: list[str]) -> None:
    """A run that fails or finds nothing is fast and says nothing."""
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 1:
        raise SystemExit(f"{' '.join(command)} has nothing to repair (exit {run.returncode}):\n{run.stderr}")


def _script(name: str) -> str:
    """The console script of this environment, else the first one on PATH."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        raise SystemExit(f"no {name} command here: install fixer first (pip install -e .)")
    return found


def _template() -> dict[str, Any]:
    """A database behind a load balancer, and as many services as it takes; with two failures that fixer repairs."""
    resources = _network() | _database()
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A template to measure with",
        "Parameters": {
            "Environment": {"Type": "String", "Default": "prod", "AllowedValues": ["prod", "test"]},
            "UserName": {"Type": "String", "Default": "dbowner", "NoEcho": True, "MinLength": 1, "MaxLength": 16},
        },
        "Conditions": {"IsProduction": {"Fn::Equals": [{"Ref": "Environment"}, "prod"]}},
        "Resources": resources,
        "Outputs": {"Endpoint": {"Value": {"Fn::GetAtt": ["Database", "Endpoint.Address"]}}},
    }
    number = 0
    while len(json.dumps(template, indent=2)) < LENGTH:
        number += 1
        resources |= _service(number)
    return template


def _network() -> dict[str, Any]:
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.20.0.0/16", "EnableDnsSupport": True}},
        "SubnetA": _subnet(1, "a"),
        "SubnetB": _subnet(2, "b"),
        "PrimaryCheck": {
            "Type": "AWS::Route53::HealthCheck",
            "Properties": {
                "HealthCheckConfig": {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 443, "FailureThreshold": 3}
            },
        },
        "AllChecks": {
            "Type": "AWS::Route53::HealthCheck",
            "Properties": {"HealthCheckConfig": {"Type": "CALCULATED", "HealthThreshold": 1}},
        },
    }


def _subnet(number: int, zone: str) -> dict[str, Any]:
    properties = {
        "VpcId": {"Ref": "Vpc"},
        "CidrBlock": f"10.20.{number}.0/24",
        "AvailabilityZone": {"Fn::Sub": f"${{AWS::Region}}{zone}"},
        "Tags": [{"Key": "Environment", "Value": {"Ref": "Environment"}}],
    }
    return {"Type": "AWS::EC2::Subnet", "Properties": properties}


def _database() -> dict[str, Any]:
    return {
        "DatabaseSubnets": {
            "Type": "AWS::RDS::DBSubnetGroup",
            "Properties": {
                "DBSubnetGroupDescription": "Both zones",
                "SubnetIds": [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}],
            },
        },
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"GenerateSecretString": {"PasswordLength": 32, "ExcludeCharacters": '"@/\\'}},
        },
        "Database": {
            "Type": "AWS::RDS::DBCluster",
            "DeletionPolicy": "Snapshot",
            "UpdateReplacePolicy": "Snapshot",
            "Properties": {
                "Engine": "aurora-postgresql",
                "MasterUsername": {"Ref": "UserName"},
                "MasterUserPassword": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}}}"},
                "DBSubnetGroupName": {"Ref": "DatabaseSubnets"},
                "StorageEncrypted": True,
                "BackupRetentionPeriod": {"Fn::If": ["IsProduction", 30, 7]},
            },
        },
    }


def _service(number: int) -> dict[str, Any]:
    """A queue, its dead letters, an alarm, and the role and the group of whatever reads it."""
    name = f"Service{number}"
    statement = {
        "Effect": "Allow",
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "Resource": {"Fn::GetAtt": [f"{name}Queue", "Arn"]},
    }
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        f"{name}DeadLetters": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 1209600}},
        f"{name}Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": {"Fn::Sub": f"${{Environment}}-service-{number}"},
                "RedrivePolicy": {
                    "deadLetterTargetArn": {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]},
                    "maxReceiveCount": 5,
                },
            },
        },
        f"{name}Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": f"What service {number} may reach",
                "VpcId": {"Ref": "Vpc"},
                "SecurityGroupEgress": [
                    {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"},
                    {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "10.20.0.0/16"},
                ],
            },
        },
        f"{name}Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "Policies": [
                    {
                        "PolicyName": "read",
                        "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
                    }
                ],
            },
        },
        f"{name}Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "Namespace": "AWS/SQS",
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": [f"{name}DeadLetters", "QueueName"]}}],
                "Statistic": "Maximum",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": 0,
                "ComparisonOperator": "GreaterThanThreshold",
            },
        },
    }


if __name__ == "__main__":
    main()
