"""Backup and maintenance windows as minutes of the day. Pure.

A backup window recurs each day, a maintenance window each week; both are UTC:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.Maintenance.html
"""

import re
from dataclasses import dataclass

from fixer.model import Json

DAY = 24 * 60
"""Minutes."""

SHORTEST = 30
"""Minutes: the shortest window that RDS takes."""

_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAILY = re.compile(rf"{_TIME}-{_TIME}")
_WEEKLY = re.compile(rf"({'|'.join(_DAYS)}):{_TIME}-({'|'.join(_DAYS)}):{_TIME}")


@dataclass(frozen=True)
class Window:
    """Minutes of the day, from `start` (0 to 1439) for `length` minutes, across midnight perhaps."""

    start: int
    length: int

    def overlaps(self, other: "Window") -> bool:
        """Whether they share a minute; windows that only touch do not."""
        ahead, behind = (other.start - self.start) % DAY, (self.start - other.start) % DAY
        return ahead < self.length or behind < other.length

    def earlier(self, minutes: int) -> "Window":
        """The same window so many minutes earlier, as long as RDS asks for at least."""
        return Window((self.start - minutes) % DAY, max(self.length, SHORTEST))

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.start + self.length)}"


def daily(value: Json) -> Window | None:
    """The window that "hh24:mi-hh24:mi" names, else None. One that ends when it begins lasts the whole day."""
    match = _DAILY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    start, end = _minutes(match[1], match[2]), _minutes(match[3], match[4])
    return Window(start, (end - start) % DAY or DAY)


def weekly(value: Json) -> Window | None:
    """The minutes of any day that "ddd:hh24:mi-ddd:hh24:mi" may take up, else None.

    RDS wants the backup window apart from the maintenance window on every day:
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
    """
    match = _WEEKLY.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if match is None:
        return None
    start, end = _minutes(match[2], match[3]), _minutes(match[5], match[6])
    days = (_DAYS.index(match[4]) - _DAYS.index(match[1])) % 7
    length = (days * DAY + end - start) % (7 * DAY)
    return Window(start, min(length, DAY))


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes % DAY // 60:02}:{minutes % 60:02}"
