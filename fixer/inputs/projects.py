"""The templates that are read together: the projects of a run."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from fixer.cloudformation.project import NESTED, Project, local_template
from fixer.cloudformation.template import Template
from fixer.inputs import globs
from fixer.inputs.discovery import STANDARD_INPUT, Found, TemplateFile, beside, read_together
from fixer.inputs.parameter_files import parameter_files
from fixer.settings import Declared, Settings


@dataclass(frozen=True)
class Part:
    """One project, its paths that may be written, and warnings about the other files."""

    project: Project
    scope: tuple[str, ...]
    warnings: tuple[str, ...]


def parts(found: Found, settings: Settings) -> Iterator[Part]:
    """The projects of the sources: the declared ones, else the templates of one folder and the local nested stacks that
    they name. Other files than the sources are never written. Standard input is a project of its own.
    """
    remaining = list(found.sources)
    for declared in settings.projects:
        found_files = (file for pattern in declared.paths for file in globs.matches(pattern))
        files = [file for file in found_files if _may_read(file, settings)]
        inside = {os.path.realpath(file) for file in files}
        own = [source for source in remaining if source.file and os.path.realpath(source.file) in inside]
        if own:
            remaining = [source for source in remaining if source not in own]
            yield _part(own, read_together(files, own), settings)
    while remaining:
        folder = _folder(remaining[0])
        own = [source for source in remaining if _folder(source) == folder]
        others = read_together([file for file in beside(own) if _may_read(file, settings)], own)
        nested = set(_nested(own, others, settings))
        own += [source for source in remaining if source not in own and os.path.realpath(source.file) in nested]
        remaining = [source for source in remaining if source not in own]
        known = {os.path.realpath(source.file) for source in (*own, *others.sources) if source.file}
        children = read_together(sorted(os.path.relpath(file) for file in nested - known), own)
        yield _part(own, Found(others.sources + children.sources, (), others.warnings + children.warnings), settings)


def _may_read(file: str, settings: Settings) -> bool:
    """Whether a file that a template or the configuration names is below the folder that the run may read."""
    return not settings.root or os.path.realpath(file).startswith(os.path.realpath(settings.root) + os.sep)


def _part(own: list[TemplateFile], others: Found, settings: Settings) -> Part:
    sources = [*own, *others.sources]
    templates = [Template(source.path, source.document) for source in sources]
    folders = [os.path.dirname(source.file) for source in sources if source.file]
    files = parameter_files(folders, [template.path for template in templates])
    project = Project.of(templates, _declared(sources, settings), files)
    return Part(project, tuple(sorted(source.path for source in own)), others.warnings)


def _declared(sources: list[TemplateFile], settings: Settings) -> dict[str, Declared]:
    said = {path: declared for project in settings.projects for path, declared in project.templates.items()}
    by_file = {source.path: os.path.abspath(source.file) for source in sources if source.file}
    return {path: said[file] for path, file in by_file.items() if file in said}


def _nested(own: list[TemplateFile], others: Found, settings: Settings) -> Iterator[str]:
    """The real paths of the local templates that nested stacks name, in these and below."""
    waiting = [*own, *others.sources]
    seen: set[str] = set()
    while waiting:
        source = waiting.pop()
        for stack in Template(source.path, source.document).of_type(NESTED) if source.file else ():
            file = local_template(source.file, stack)
            if not os.path.isfile(file) or not _may_read(file, settings):
                continue
            if (real := os.path.realpath(file)) not in seen:
                seen.add(real)
                waiting += read_together([file], []).sources
                yield real


def _folder(source: TemplateFile) -> str:
    return os.path.dirname(source.file) if source.file else STANDARD_INPUT
