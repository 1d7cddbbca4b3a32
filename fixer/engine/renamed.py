"""Ids of earlier versions: they keep working, with a warning.

They are replaced when settings are made, so that all later code knows only the current ids. Templates may still name
them in `Metadata.fixer.ignore`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from fixer.settings import DeclaredProject, Settings
from fixer.transforms import RENAMED

_V = TypeVar("_V")


def current_ids(name: str) -> tuple[str, ...]:
    """The ids of the transforms that replaced one of an earlier version; the name itself if it is not an earlier id."""
    return RENAMED.get(name, (name,))


def renaming(names: Iterable[str]) -> tuple[str, ...]:
    """A warning for each name that is an id of an earlier version."""
    old = dict.fromkeys(name for name in names if name in RENAMED)
    return tuple(f"{name} is now called {', '.join(RENAMED[name])}" for name in old)


def with_current_ids(settings: Settings) -> Settings:
    """The settings with the ids of earlier versions replaced, and a warning for each that a person wrote.

    If a value is given under an earlier and under the current id, the current one counts. There is no warning for
    baselines, because people do not write them.
    """
    declared = chain.from_iterable(project.templates.values() for project in settings.projects)
    tables = (settings.require, settings.tiers, settings.options, *(each.options for each in declared))
    return replace(
        settings,
        select=_current(settings.select),
        ignore=_current(settings.ignore),
        require=_by_current_id(settings.require),
        tiers=_by_current_id(settings.tiers),
        options=_merged(settings.options),
        projects=tuple(map(_project, settings.projects)),
        baseline=frozenset((new, path, place) for old, path, place in settings.baseline for new in current_ids(old)),
        warnings=(*settings.warnings, *renaming(chain(settings.select, settings.ignore, *tables))),
    )


def _current(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(chain.from_iterable(map(current_ids, names)))


def _current_last(table: Iterable[str]) -> list[str]:
    """The names, those of earlier versions first, because later entries win."""
    return sorted(table, key=lambda name: name not in RENAMED)


def _by_current_id(table: Mapping[str, _V]) -> dict[str, _V]:
    return {new: table[name] for name in _current_last(table) for new in current_ids(name)}


def _merged(options: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """Options by current id; those that are given under both ids are merged."""
    merged: dict[str, Mapping[str, str]] = {}
    for name in _current_last(options):
        for new in current_ids(name):
            merged[new] = {**merged.get(new, {}), **options[name]}
    return merged


def _project(project: DeclaredProject) -> DeclaredProject:
    templates = {path: replace(each, options=_merged(each.options)) for path, each in project.templates.items()}
    return replace(project, templates=templates)
