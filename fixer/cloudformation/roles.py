"""The role of a template in a project that spans several regions, by its databases and its DNS records."""

from fixer.cloudformation.databases import Database, Role, databases
from fixer.cloudformation.dns_records import all_records
from fixer.cloudformation.intrinsics import given, literal_text
from fixer.cloudformation.template import Template
from fixer.model import Deduction

DNS = "dns"
_SOURCES = ("ReplicationSourceIdentifier", "SourceDBInstanceIdentifier")


def role_of(template: Template) -> Deduction | None:
    found = databases(template)
    roles = {database.role for database in found}
    if not roles:
        return Deduction(DNS, "it has failover records and no database") if _fails_over(template) else None
    if roles == {Role.SECONDARY} and all(_is_from_another_region(database) for database in found):
        return Deduction(Role.SECONDARY.value, "its clusters replicate from another region")
    if roles == {Role.PRIMARY} and _has_global_cluster(template):
        return Deduction(Role.PRIMARY.value, "it has the writable cluster of a global database")
    return None


def _is_from_another_region(database: Database) -> bool:
    """Whether a secondary has its source in another region: it is in a global database, which has one cluster per
    region, or names the region or the ARN of its source. A replica in the same region names only an identifier.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
    """
    properties = database.resource.properties
    sources = (literal_text(properties.get(name)) for name in _SOURCES)
    is_in_global = given(properties, "GlobalClusterIdentifier") or given(properties, "SourceRegion")
    return is_in_global or any(source.startswith("arn:") for source in sources)


def _has_global_cluster(template: Template) -> bool:
    clusters = (database.resource.properties for database in databases(template))
    return any("GlobalClusterIdentifier" in properties for properties in clusters) or any(
        "SourceDBClusterIdentifier" in cluster.properties for cluster in template.of_type("AWS::RDS::GlobalCluster")
    )


def _fails_over(template: Template) -> bool:
    return any("Failover" in record for _, _, record in all_records(template))
