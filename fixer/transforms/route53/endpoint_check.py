"""Health checks that ask a public endpoint over HTTPS. what the user named, checked."""

import re

from fixer.authoring.context import Context, Option
from fixer.model import Json, Patch

FQDN = Option("fqdn", "public domain name that answers https://NAME/health")

_DATABASE = re.compile(r"\.(rds|docdb|neptune|redshift|cache)(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$", re.I)
_HOST = re.compile(r"(?=.{1,255}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.I)


def endpoint_check(ctx: Context) -> dict[str, Json]:
    """The HealthCheckConfig for the transform's option `fqdn`: HTTPS, port 443, /health, every 30 seconds.

    Raises BadConfig for what is no domain name, and for a database endpoint: Route 53's checkers come from the public
    internet and speak HTTP. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-types.html
    """
    fqdn = ctx.option("fqdn") or ""
    if _DATABASE.search(fqdn):
        raise ctx.bad_option("fqdn", "a database endpoint speaks no HTTP; name an endpoint that tells of its health")
    if not _HOST.fullmatch(fqdn):
        raise ctx.bad_option("fqdn", "is no domain name")
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
    reason = f"{why}; a public endpoint that tells of the database's health must be named"
    return Patch.needs(reason, ctx.want(FQDN.name, "health.example.com"))
