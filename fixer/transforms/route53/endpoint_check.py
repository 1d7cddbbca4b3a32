"""Health checks on a public HTTPS endpoint that the user names. Pure."""

import re

from fixer.authoring.context import Context, Option
from fixer.model import Json, Patch

FQDN = Option("fqdn", "public domain name of the endpoint https://NAME/health")

# The end of a name: matches "orders.cluster-c1.us-east-1.rds.amazonaws.com". Must not match
# "orders.us-east-1.elb.amazonaws.com", which can answer HTTPS requests.
_DATABASE = re.compile(r"\.(rds|docdb|neptune|redshift|cache)(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$", re.I)
# The whole name, at most 255 characters: matches "health.example.com". Must not match "localhost", "10.0.0.1" or
# "https://health.example.com".
_HOST = re.compile(r"(?=.{1,255}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.I)


def endpoint_check(ctx: Context) -> dict[str, Json]:
    """The HealthCheckConfig for the transform's option `fqdn`: HTTPS, port 443, /health, every 30 seconds.

    Raises BadConfig if the option is not a domain name, or is a database endpoint: Route 53's health checkers are on
    the public internet and send HTTP requests.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-types.html
    """
    fqdn = ctx.option("fqdn") or ""
    if _DATABASE.search(fqdn):
        raise ctx.bad_option(
            "fqdn", "a database endpoint does not speak HTTP: name an endpoint that reports its health"
        )
    if not _HOST.fullmatch(fqdn):
        raise ctx.bad_option("fqdn", "is not a domain name")
    return {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": fqdn,
        "Port": 443,
        "ResourcePath": "/health",
        "RequestInterval": 30,
        "FailureThreshold": 3,
    }


def needs_endpoint(ctx: Context, why: str) -> Patch:
    """No patch until the option `fqdn` names an endpoint."""
    reason = f"{why}: name a public endpoint that reports the health of the database"
    return Patch.needs(reason, ctx.want(FQDN.name, "health.example.com"))
