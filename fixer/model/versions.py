"""Earlier versions of a template."""

from dataclasses import dataclass

from fixer.model import Json


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier version of a template: the id of its commit, the day of the commit (ISO 8601), and its data."""

    commit: str
    day: str
    data: Json


def no_versions(path: str) -> tuple[Version, ...]:
    """The versions of a template whose history is not read."""
    return ()
