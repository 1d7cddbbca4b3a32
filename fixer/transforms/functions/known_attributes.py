"""What people write by mistake for an attribute, and what they mean.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

_CLUSTERS = ("AWS::RDS::DBCluster",)
_READER = ("ReaderEndpoint", "ReaderEndpoint.Address", "ReadEndpoint", "EndpointReader", "ReadReplicaEndpoint")

MEANT = {
    **{(kind, written): "ReadEndpoint.Address" for kind in _CLUSTERS for written in _READER},
    **{
        (kind, written): "ReadEndpoint"
        for kind in ("AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster")
        for written in (*_READER[:2], "ReadEndpoint.Address")
    },
    **{
        (kind, "Endpoint.Address"): "Endpoint"
        for kind in (
            "AWS::DocDB::DBCluster",
            "AWS::DocDB::DBInstance",
            "AWS::Neptune::DBCluster",
            "AWS::Neptune::DBInstance",
        )
    },
    ("AWS::RDS::DBCluster", "Endpoint"): "Endpoint.Address",
    ("AWS::RDS::DBCluster", "ClusterEndpoint"): "Endpoint.Address",
    ("AWS::RDS::DBCluster", "Port"): "Endpoint.Port",
    ("AWS::RDS::DBCluster", "Arn"): "DBClusterArn",
    ("AWS::RDS::DBInstance", "Endpoint"): "Endpoint.Address",
    ("AWS::RDS::DBInstance", "EndpointAddress"): "Endpoint.Address",
    ("AWS::RDS::DBInstance", "Arn"): "DBInstanceArn",
    ("AWS::ElastiCache::ReplicationGroup", "PrimaryEndPoint"): "PrimaryEndPoint.Address",
    ("AWS::ElastiCache::ReplicationGroup", "PrimaryEndpoint"): "PrimaryEndPoint.Address",
    ("AWS::ElastiCache::ReplicationGroup", "ReaderEndPoint"): "ReaderEndPoint.Address",
    ("AWS::ElastiCache::ReplicationGroup", "ReaderEndpoint"): "ReaderEndPoint.Address",
    ("AWS::Lambda::Function", "FunctionArn"): "Arn",
    ("AWS::SNS::Topic", "Arn"): "TopicArn",
    ("AWS::SQS::Queue", "QueueArn"): "Arn",
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Arn"): "TargetGroupArn",
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Arn"): "LoadBalancerArn",
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "HostedZoneId"): "CanonicalHostedZoneID",
    ("AWS::DynamoDB::Table", "TableArn"): "Arn",
    ("AWS::S3::Bucket", "BucketArn"): "Arn",
    ("AWS::KMS::Key", "KeyArn"): "Arn",
    ("AWS::IAM::Role", "RoleArn"): "Arn",
    ("AWS::ECS::Cluster", "ClusterArn"): "Arn",
    ("AWS::ECS::Service", "ServiceName"): "Name",
    ("AWS::EC2::SecurityGroup", "SecurityGroupId"): "GroupId",
    ("AWS::EC2::Instance", "PublicIpAddress"): "PublicIp",
    ("AWS::CloudFront::Distribution", "DistributionId"): "Id",
    ("AWS::CloudFront::Distribution", "DistributionDomainName"): "DomainName",
}
"""(resource type, attribute that is written) → the attribute that is meant."""

REF = frozenset(
    {
        ("AWS::CertificateManager::Certificate", "Arn"),
        ("AWS::CertificateManager::Certificate", "CertificateArn"),
        ("AWS::DynamoDB::Table", "TableName"),
        ("AWS::ECR::Repository", "RepositoryName"),
        ("AWS::ECS::Cluster", "ClusterName"),
        ("AWS::EFS::FileSystem", "FileSystemId"),
        ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
        ("AWS::IAM::Role", "RoleName"),
        ("AWS::IAM::User", "UserName"),
        ("AWS::KMS::Alias", "AliasName"),
        ("AWS::Kinesis::Stream", "Name"),
        ("AWS::Lambda::Function", "FunctionName"),
        ("AWS::Logs::LogGroup", "LogGroupName"),
        ("AWS::RDS::DBCluster", "DBClusterIdentifier"),
        ("AWS::RDS::DBSubnetGroup", "DBSubnetGroupName"),
        ("AWS::S3::Bucket", "BucketName"),
        ("AWS::SecretsManager::Secret", "Arn"),
        ("AWS::SecretsManager::Secret", "SecretArn"),
    }
)
"""Names, ids and ARNs that Ref returns and Fn::GetAtt does not."""

CONSTANTS = {
    ("AWS::CloudFront::Distribution", "HostedZoneId"): "Z2FDTNDATAQYW2",
    ("AWS::CloudFront::Distribution", "CanonicalHostedZoneId"): "Z2FDTNDATAQYW2",
    ("AWS::GlobalAccelerator::Accelerator", "HostedZoneId"): "Z2BJ6XQ5FK7U4H",
}
"""The hosted zones of alias targets that are the same for every resource of a type.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-route53-recordset-aliastarget.html
"""
