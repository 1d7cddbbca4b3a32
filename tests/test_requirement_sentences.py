"""Which sentences are requirements, and which only look like one: attributes, conditions, wishes, what others do."""

import pytest

from fixer.inputs.requirements import declared, read

REQUIRED = [
    # vpc
    ("Create a VPC with public and private subnets in three Availability Zones.", {"vpc": "public"}),
    ("Everything runs in a VPC with private subnets only", {"vpc": ""}),
    ("All workloads are deployed into a dedicated VPC with public and private subnets", {"vpc": "public"}),
    ("The database lives in its own VPC with three private subnets.", {"vpc": ""}),
    ("VPC with public and private subnets across multiple AZs", {"vpc": "public"}),
    ("New VPC with private subnets in two zones", {"vpc": ""}),
    ("Each environment gets its own isolated VPC with private subnets", {"vpc": ""}),
    ("We need to set up a VPC with private subnets for the public API", {"vpc": ""}),
    ("Create a VPC that spans at least two Availability Zones for high availability", {"vpc": ""}),
    ("The stack must create a custom VPC with one public subnet and one private subnet", {"vpc": "public"}),
    ("Networking: provision one VPC with its subnets and route tables", {"vpc": ""}),
    ("Set up a Virtual Private Cloud (VPC) with isolated subnets", {"vpc": ""}),
    # peering
    ("VPC peering connection for the two regions", {"peering": ""}),
    ("VPC peering connection between us-east-1 and eu-west-1", {"peering": ""}),
    ("Configure inter-region VPC peering with routes on both sides", {"peering": ""}),
    ("Set up the VPCs, route tables and VPC peering connections", {"peering": ""}),
    ("VPC peering must be established before the databases are created", {"peering": ""}),
    ("Requires VPCs with private subnets in both regions, cross-region VPC peering established.",
     {"vpc": "", "peering": ""}),
    ("Establish a peering connection between the primary and the secondary VPC", {"peering": ""}),
    ("Peer the two VPCs so that replicas reach each other", {"peering": ""}),
    # dashboard
    ("A CloudWatch dashboard must show CPU, memory and replication lag", {"dashboard": ""}),
    ("Configure CloudWatch alarms, log groups, and dashboards", {"dashboard": ""}),
    ("Use CloudWatch for metrics, alarms, and dashboards", {"dashboard": ""}),
    ("Provide logs, and build a monitoring dashboard for operations", {"dashboard": ""}),
    ("CloudWatch dashboard with database metrics", {"dashboard": ""}),
    ("Then create a database health dashboard.", {"dashboard": ""}),
    # alerts
    ("SNS topic for payment alerts that receives notifications from CloudWatch alarms.", {"alerts": ""}),
    ("CloudWatch alarms must trigger SNS notifications for any failover event", {"alerts": ""}),
    ("Notify the operators by e-mail when replication lags behind", {"alerts": ""}),
    ("The on-call engineers must be alerted by email", {"alerts": ""}),
    ("Use SNS for alerting and notifications", {"alerts": ""}),
    ("Configure CloudWatch alarms with SNS notifications", {"alerts": ""}),
    ("Add an SNS topic that sends alarms to the operators", {"alerts": ""}),
    ("Send critical alerts by email", {"alerts": ""}),
    # monitoring, rto
    ("Deploy every instance with Enhanced Monitoring at 30-second granularity", {"monitoring": "30"}),
    ("Enhanced Monitoring must be on (every 15 seconds)", {"monitoring": "15"}),
    ("They require automated failover and rapid recovery (RTO < 5 minutes).", {"rto": "300"}),
    ("RTO must be under 15 minutes", {"rto": "900"}),
    ("Recovery Time Objective (RTO) of 30 minutes", {"rto": "1800"}),
]  # fmt: skip

NOT_REQUIRED = [
    # Attributes: the thing is a word before another noun.
    "Build a Lambda function serving trading dashboard APIs",
    "Create an API Gateway for serving trading dashboard APIs with CloudWatch logs",
    "Create dashboard users for the monitoring team",
    "Deploy the trading dashboard and its metrics service",
    "Build a service for the analysts' dashboards that reads CloudWatch metrics",
    "Create VPC endpoints in the private subnets",
    "Enable VPC Flow Logs for all subnets",
    "Configure VPC peering routes in the subnets' route tables",
    "Create security groups for VPC peering traffic",
    "Define an IAM role that accepts VPC peering requests",
    "Output the SNS topic ARN for alerts",
    "Use SNS filter policies for alerts by region",
    "Create SNS topic policies that allow alarms",
    "Keep Enhanced Monitoring data for 60 minutes",
    "Create Kafka topics for alerts",
    "VPC and subnet group configurations",
    "VPC ID and the ids of its subnets",
    # Conditions, wishes and plans.
    "If required, configure VPC peering between the regions",
    "If the budget allows, create a CloudWatch dashboard",
    "Configure VPC peering where applicable",
    "Create a CloudWatch dashboard if needed",
    "When time permits, create an SNS topic for alerts",
    "You may add an SNS topic for alerts",
    "A CloudWatch dashboard would be nice",
    "Consider VPC peering between the regions",
    "In a later phase, create a VPC with private subnets",
    "VPC peering could be added in the future",
    "Unless a VPC is given, create a VPC with private subnets",
    "Should we create a CloudWatch dashboard?",
    "Do you need an RTO of 5 minutes?",
    # What exists, what others do, what was.
    "The network team creates a VPC with private subnets",
    "Users create dashboards for their metrics",
    "Our operators define CloudWatch dashboards themselves",
    "Deploy into the existing VPC and its private subnets",
    "The platform already has a VPC peering connection between the regions",
    "The old stack had an RTO of 4 hours",
    "Lambda functions run in the VPC with the private subnets",
    "Provide an API to create dashboards for CloudWatch metrics",
    # What is forbidden.
    "Do not create dashboards for CloudWatch metrics",
    "Use PrivateLink instead of VPC peering",
    "Create a stack without VPC peering between the regions",
    "The design avoids VPC peering",
]


@pytest.mark.parametrize(("sentence", "understood"), REQUIRED, ids=[sentence for sentence, _ in REQUIRED])
def test_required(sentence: str, understood: dict[str, str]) -> None:
    assert declared(read(f"- {sentence}\n")) == understood


@pytest.mark.parametrize("sentence", NOT_REQUIRED)
def test_not_required(sentence: str) -> None:
    assert declared(read(f"- {sentence}\n")) == {}


@pytest.mark.parametrize("sentence", ["create the " * 4000, "cloudwatch, and " * 4000, "runs in a vpc " * 4000])
def test_a_long_line_is_read_in_short_time(sentence: str) -> None:
    assert declared(read(sentence)) == {}
