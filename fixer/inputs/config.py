"""The configuration file: `.fixer.toml`, or `[tool.fixer]` in pyproject.toml, as Settings.

The file is data: it cannot name code to run or a place to write to.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from fixer.errors import BadConfig
from fixer.inputs import baseline, toml_text
from fixer.inputs.regular_file import read_regular
from fixer.model import Tier
from fixer.settings import PROJECT_ROLES, Declared, DeclaredProject, Settings

FILE_NAME = ".fixer.toml"

EXTENDS = "extends"
"""The key with the path of a configuration file whose settings hold where this one is silent."""

_LARGEST = 1_000_000
_MOST_EXTENDED = 5


def load(start: Path) -> Settings:
    """The settings of the nearest configuration file in this folder or above it; the defaults if there is none.

    The search ends at the top of the repository, and outside a repository it skips the files of other users. Raises
    BadConfig for a file that is not TOML, an unknown key, or a value of the wrong type.
    """
    found = located(start)
    return _settings(found[0], found[1], ()) if found else Settings()


def located(start: Path) -> tuple[Path, object] | None:
    """The nearest configuration file in this folder or above it, and its table; None if there is none. Raises BadConfig
    if a folder has both kinds of it.
    """
    for folder in _folders(start):
        own, project = folder / FILE_NAME, folder / "pyproject.toml"
        tools = _toml(project).get("tool") if os.path.isfile(project) else None
        has_table = isinstance(tools, dict) and "fixer" in tools
        if os.path.isfile(own):
            if has_table:
                raise BadConfig(f"this folder also has [tool.fixer] in {project.name}: keep one of them", str(own))
            return own, _toml(own)
        if isinstance(tools, dict) and has_table:
            return project, tools["fixer"]
    return None


def _folders(start: Path) -> Iterator[Path]:
    """The folders that may have a configuration file, from the start upwards."""
    start = start.absolute()
    chain = (start, *start.parents)
    top = next((folder for folder in chain if os.path.exists(folder / ".git")), None)
    for folder in chain:
        if folder == start or top is not None or _is_own(folder):
            yield folder
        if folder == top:
            return


def _is_own(folder: Path) -> bool:
    """Whether the folder belongs to this user, and nobody else may create files in it."""
    try:
        known = folder.stat()
    except OSError:
        return False
    owner = os.getuid() if hasattr(os, "getuid") else known.st_uid
    return known.st_uid == owner and not known.st_mode & 0o022


def parse_requirement(text: str) -> tuple[str, str]:
    """(name, value) of NAME or NAME=VALUE; the value of a bare name is "". Raises BadConfig for an empty name."""
    name, _, value = text.partition("=")
    if not name.strip():
        raise BadConfig(f"a requirement must be NAME or NAME=VALUE, not {text!r}")
    return name.strip(), value.strip()


def parse_option(text: str) -> tuple[str, str, str]:
    """(transform id, name, value) of ID.NAME=VALUE. Raises BadConfig for anything else."""
    target, equals, value = text.partition("=")
    transform, dot, name = target.strip().partition(".")
    if not (equals and dot and transform and name):
        raise BadConfig(f"a value must be set as ID.NAME=VALUE, not {text!r}")
    return transform, name, value


def merge_options(
    base: Mapping[str, Mapping[str, str]], more: Iterable[tuple[str, str, str]]
) -> dict[str, dict[str, str]]:
    """The values of both, transform by transform; later values win."""
    merged = {transform: dict(values) for transform, values in base.items()}
    for transform, name, value in more:
        merged.setdefault(transform, {})[name] = value
    return merged


def _toml(path: Path) -> dict[str, Any]:
    data = read_regular(str(path), _LARGEST, "a configuration file", BadConfig)
    try:
        return toml_text.read(data.decode())
    except ValueError as error:
        raise BadConfig(f"is not valid TOML: {error}", str(path)) from error


def _settings(path: Path, table: object, below: tuple[Path, ...]) -> Settings:
    """The settings in a configuration table, over those of the file that it extends; its paths are relative to the
    folder of the file. `below` are the files that extend this one.
    """
    if not isinstance(table, dict):
        raise BadConfig("the configuration must be a table", str(path))
    changes: dict[str, Any] = {}
    base = _extended(path, table["extends"], below) if EXTENDS in table else Settings()
    for key, value in table.items():
        if key == EXTENDS:
            continue
        if key not in KEYS:
            near = get_close_matches(key, [*KEYS, EXTENDS], 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise BadConfig(f"unknown key {key!r}{hint}", str(path), _line_of(path, key))
        field, read = KEYS[key]
        try:
            changes[field] = read(path.parent, value)
        except (BadConfig, TypeError, ValueError) as error:  # ValueError: a number of more than 4,300 digits.
            raise BadConfig(f"{key}: {error}", str(path), _line_of(path, key)) from error
    return replace(base, **changes)


def _extended(path: Path, value: object, below: tuple[Path, ...]) -> Settings:
    """The settings of the file that a configuration extends: a path relative to it, in the same repository."""
    line = _line_of(path, EXTENDS)
    if not isinstance(value, str):
        raise BadConfig(f"{EXTENDS}: must be the path of a configuration file", str(path), line)
    target = Path(os.path.realpath(_absolute(path.parent, value)))
    top = next((each for each in path.absolute().parents if os.path.exists(each / ".git")), None)
    if top is not None and not target.is_relative_to(os.path.realpath(top)):
        raise BadConfig(f"{EXTENDS}: {value} is outside of the repository", str(path), line)
    if target in below or len(below) >= _MOST_EXTENDED:
        raise BadConfig(f"{EXTENDS}: the files extend each other, or more than {_MOST_EXTENDED}", str(path), line)
    if not target.is_file():
        raise BadConfig(f"{EXTENDS}: {value} does not exist", str(path), line)
    table: object = _toml(target)
    if target.name == "pyproject.toml":
        tools = table.get("tool") if isinstance(table, dict) else None
        table = tools.get("fixer", {}) if isinstance(tools, dict) else {}
    return _settings(target, table, (*below, target))


def _line_of(path: Path, key: str) -> int | None:
    """The line of a key in a configuration file, if it begins a line or a table there."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    name = re.escape(key)
    pattern = rf"""^\s*(?:["']?{name}["']?\s*[=.]|\[\[?(?:tool\.fixer\.)?["']?{name}["']?[\].])"""
    found = re.search(pattern, text, flags=re.M)
    return text.count("\n", 0, found.start()) + 1 + found.group().count("\n") if found else None


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("must be a list of strings")
    return tuple(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("must be true or false")
    return value


def _requirements(value: Any) -> dict[str, str]:
    if isinstance(value, dict):
        return {name: _scalar(item) for name, item in value.items()}
    return dict(parse_requirement(item) for item in _strings(value))


def _options(value: Any) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict) or not all(isinstance(values, dict) for values in value.values()):
        raise TypeError("must be a table of tables: [set.TRANSFORM-ID] name = value")
    return {transform: {name: _scalar(item) for name, item in values.items()} for transform, values in value.items()}


def _tiers(value: Any) -> dict[str, Tier]:
    """Transform id → the tier that the project gives to it. needs-value is not allowed."""
    allowed = [str(tier) for tier in (Tier.SAFE, Tier.REVIEW, Tier.UNSAFE)]
    if not isinstance(value, dict) or any(tier not in allowed for tier in value.values()):
        raise TypeError(f'must be a table of TRANSFORM-ID = "{" | ".join(allowed)}"')
    return {transform: Tier(tier) for transform, tier in value.items()}


def _baseline(folder: Path, value: Any) -> baseline.RecordedFindings:
    if not isinstance(value, str):
        raise TypeError("must be the path of a baseline file")
    return baseline.load(str(folder / value))


def _excluded(folder: Path, value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((os.path.abspath(folder), pattern) for pattern in _strings(value))


def _projects(folder: Path, value: Any) -> tuple[DeclaredProject, ...]:
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise TypeError("must be an array of tables: [[project]]")
    return tuple(_project(folder, table) for table in value)


def _project(folder: Path, table: dict[str, Any]) -> DeclaredProject:
    """One [[project]]: `paths` are globs; `roles`, `regions`, `stacks` and `set` are tables by path."""
    if unknown := sorted(set(table) - {"paths", "roles", "regions", "stacks", "set"}):
        raise TypeError(f"unknown key {unknown[0]!r}; the keys are paths, roles, regions, stacks and set")
    roles, regions, stacks = (_by_path(table, name) for name in ("roles", "regions", "stacks"))
    if wrong := sorted(set(roles.values()) - set(PROJECT_ROLES)):
        raise TypeError(f"a role must be one of {', '.join(PROJECT_ROLES)}, not {wrong[0]!r}")
    own = table.get("set", {})
    if not isinstance(own, dict):
        raise TypeError("set must be a table by path")
    options = {path: _options(values) for path, values in own.items()}
    templates = {
        _absolute(folder, path): Declared(
            roles.get(path, ""), regions.get(path, ""), stacks.get(path, ""), options.get(path, {})
        )
        for path in dict.fromkeys([*roles, *regions, *stacks, *options])
    }
    return DeclaredProject(tuple(_absolute(folder, path) for path in _strings(table.get("paths", []))), templates)


def _by_path(table: dict[str, Any], name: str) -> dict[str, str]:
    values = table.get(name, {})
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise TypeError(f"{name} must be a table of strings by path")
    return values


def _absolute(folder: Path, path: str) -> str:
    return os.path.normpath(os.path.join(os.path.abspath(folder), path))


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise TypeError("values must be strings, numbers or booleans")
    return str(value)


def _anywhere(read: Callable[[Any], Any]) -> Callable[[Path, Any], Any]:
    """A reader that ignores the folder of the file."""
    return lambda folder, value: read(value)


KEYS: dict[str, tuple[str, Callable[[Path, Any], Any]]] = {
    "select": ("select", _anywhere(_strings)),
    "ignore": ("ignore", _anywhere(_strings)),
    "packs": ("packs", _anywhere(_strings)),
    "safe-only": ("safe_only", _anywhere(_flag)),
    "unsafe": ("unsafe", _anywhere(_flag)),
    "undeployed": ("undeployed", _anywhere(_flag)),
    "require": ("require", _anywhere(_requirements)),
    "set": ("options", _anywhere(_options)),
    "regions": ("regions", _anywhere(_strings)),
    "tiers": ("tiers", _anywhere(_tiers)),
    "project": ("projects", _projects),
    "baseline": ("baseline", _baseline),
    "exclude": ("exclude", _excluded),
}
"""Key of a configuration file → field of `Settings`, and the reader of its value."""
