"""Backup and maintenance windows as minutes of the day. Pure.

A backup window recurs each day and a maintenance window each week. Both are in UTC:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.Maintenance.html
"""

import re
from dataclasses import dataclass

from fixer.model import Json

DAY = 24 * 60
"""Minutes."""

SHORTEST = 30
"""Minutes: the shortest window that RDS accepts."""

# A time on the 24-hour clock, with two digits each: matches "03:00" and "23:59". Must not match "3:00" or "24:00".
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# The whole window: matches "03:00-04:00". Must not match "mon:03:00-mon:04:00".
_DAILY = re.compile(rf"{_TIME}-{_TIME}")
# The whole window, in lower case: matches "sun:23:30-mon:00:30". Must not match "funday:01:00-mon:02:00".
_WEEKLY = re.compile(rf"({'|'.join(_DAYS)}):{_TIME}-({'|'.join(_DAYS)}):{_TIME}")


@dataclass(frozen=True)
class Window:
    """A window from minute `start` of the day (0 to 1439), which lasts `length` minutes, possibly past midnight."""

    start: int
    length: int

    def overlaps(self, other: "Window") -> bool:
        """Whether the windows share a minute. Windows that only touch do not."""
        ahead, behind = (other.start - self.start) % DAY, (self.start - other.start) % DAY
        return ahead < self.length or behind < other.length

    def earlier(self, minutes: int) -> "Window":
        """The window moved to an earlier time, and extended to the shortest length that RDS accepts."""
        return Window((self.start - minutes) % DAY, max(self.length, SHORTEST))

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.start + self.length)}"


def daily(value: Json) -> Window | None:
    """The window in the form "hh24:mi-hh24:mi", else None. A window that ends when it begins lasts the whole day."""
    match = _DAILY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    start, end = _minutes(match[1], match[2]), _minutes(match[3], match[4])
    return Window(start, (end - start) % DAY or DAY)


def weekly(value: Json) -> Window | None:
    """The minutes of any day that a window "ddd:hh24:mi-ddd:hh24:mi" can contain; None if it does not have this form.

    RDS requires that the backup window does not overlap with the maintenance window on any day:
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
