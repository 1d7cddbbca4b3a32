"""When RDS starts to charge for the Extended Support of a major version. Pure.

The dates are those of AWS's release calendars. They are stated in notes and decide nothing.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/extended-support.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html
https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/AuroraMySQL.release-calendars.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html
"""

from collections.abc import Iterator

from fixer.aws.engines import major_of
from fixer.model import Json

_POSTGRES = {
    "11": "February 2024",
    "12": "February 2025",
    "13": "February 2026",
    "14": "February 2027",
    "15": "February 2028",
}
_END = {
    "mysql": {"5.7": "February 2024", "8.0": "July 2026"},
    "postgres": _POSTGRES,
    "aurora-postgresql": _POSTGRES,
    "aurora-mysql": {"5.7.mysql_aurora.2": "October 2024", "8.0.mysql_aurora.3": "April 2028"},
}
"""Engine → major version → the end of its standard support. Later versions have years left."""


def extended_support(engine: str, version: Json) -> Iterator[str]:
    """A note for a version whose standard support has ended or ends soon; () for all other versions and engines."""
    major = major_of(engine, str(version))
    end = _END.get(engine, {}).get(major)
    if end is not None:
        yield (
            f"{engine} {major} has standard support until {end}. After that, RDS charges for Extended Support, unless "
            "EngineLifecycleSupport is open-source-rds-extended-support-disabled. An upgrade to the next major version "
            "needs AllowMajorVersionUpgrade: true and parameter groups of the new family."
        )
