"""The role of a template in a project that spans several regions, by its databases and its DNS records."""

from fixer.cloudformation.databases import Role, databases
from fixer.cloudformation.dns_records import all_records
from fixer.cloudformation.template import Template
from fixer.model import Deduction

DNS = "dns"


def role_of(template: Template) -> Deduction | None:
    roles = {database.role for database in databases(template)}
    if not roles:
        return Deduction(DNS, "it has failover records and no database") if _fails_over(template) else None
    if roles == {Role.SECONDARY}:
        return Deduction(Role.SECONDARY.value, "its clusters replicate from another region")
    if roles == {Role.PRIMARY} and _has_global_cluster(template):
        return Deduction(Role.PRIMARY.value, "it has the writable cluster of a global database")
    return None


def _has_global_cluster(template: Template) -> bool:
    clusters = (database.resource.properties for database in databases(template))
    return any("GlobalClusterIdentifier" in properties for properties in clusters) or any(
        "SourceDBClusterIdentifier" in cluster.properties for cluster in template.of_type("AWS::RDS::GlobalCluster")
    )


def _fails_over(template: Template) -> bool:
    return any("Failover" in record for _, _, record in all_records(template))
