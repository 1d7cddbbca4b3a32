"""The settings in force in a folder, for `fixer config`."""

from pathlib import Path

from fixer.inputs import config
from fixer.report.columns import aligned
from fixer.settings import Settings


def in_force(folder: Path) -> str:
    """A line for the file, and a line for each key of a configuration file with its value: that of the file, that of
    the file that it extends, or the default. Raises BadConfig for a file that is wrong.
    """
    found = config.located(folder)
    table = found[1] if found and isinstance(found[1], dict) else {}
    settings, defaults = config.load(folder), Settings()
    rows = []
    for key, (field, _) in config.KEYS.items():
        value, default = getattr(settings, field), getattr(defaults, field)
        origin = "this file" if key in table else "extended file" if value != default else "default"
        rows.append((key, _shown(field, settings), origin))
    file = str(found[0]) if found else "none: the defaults hold"
    lines = [f"file  {file}", *("  ".join(row).rstrip() for row in aligned(rows))]
    return "".join(line + "\n" for line in lines)


def _shown(field: str, settings: Settings) -> str:
    value = getattr(settings, field)
    if field == "baseline":
        return f"{len(value)} findings" if value else "-"
    if field == "exclude":
        return ", ".join(pattern for _, pattern in value) or "-"
    if field == "projects":
        return ", ".join(path for project in value for path in project.paths) or "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "-"
    return ", ".join(f"{name}={item}" if item != "" else str(name) for name, item in value.items()) or "-"
