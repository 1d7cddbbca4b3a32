"""The files of a run, and their bytes. `fixer.outputs.write_group` writes new bytes."""

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fixer.document import Document, parse
from fixer.errors import BadConfig, BadTemplate, FixerError
from fixer.model import Json

TEMPLATE_ENDINGS = (".json", ".yaml", ".yml", ".template")
STANDARD_INPUT = "-"

_SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv"}
_MARK = b"AWS::"
_LARGEST_SIBLING = 5_000_000
_LARGEST_DOCUMENT = 1_000_000


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A file as read: `path` as reported, `file` on disk ("" for standard input), its bytes, its document."""

    path: str
    file: str
    data: bytes
    document: Document


@dataclass(frozen=True, slots=True)
class Found:
    """The result of the PATH arguments: templates, and errors for files that cannot be read or parsed or are not
    templates.
    """

    sources: tuple[TemplateFile, ...] = ()
    errors: tuple[FixerError, ...] = ()
    warnings: tuple[str, ...] = ()


def discover(paths: Iterable[str], standard_input: bytes = b"", skip_others: bool = False) -> Found:
    """The templates at the paths: files, folders (walked; templates are recognised by content), globs, "-".

    A named file must be a template. A file found while walking, or any file with `skip_others`, is skipped if it is not
    a template, and is an error if it cannot be parsed but contains "AWS::". A file found twice counts once.
    """
    sources: dict[str, TemplateFile] = {}
    errors: list[FixerError] = []
    warnings: list[str] = []
    for path in paths:
        before = len(sources) + len(errors)
        for name, is_named in _expand(path):
            named = is_named and not (skip_others and name != STANDARD_INPUT)
            identity = os.path.realpath(name) if name != STANDARD_INPUT else name
            if identity in sources:
                before -= 1
                continue
            try:
                source = _read_named(name, standard_input) if named else _read_met(name)
            except FixerError as error:
                errors.append(error)
                continue
            if source is not None:
                sources[identity] = source
        if Path(path).is_dir() and len(sources) + len(errors) == before:
            warnings.append(f"{path}: this folder contains no templates")
    return Found(tuple(sources.values()), tuple(errors), tuple(warnings))


def beside(sources: Iterable[TemplateFile]) -> list[str]:
    """The files in the folders of these files that are named like templates, in the order of their names."""
    folders = sorted({os.path.dirname(source.file) for source in sources if source.file})
    return [os.path.join(folder, name) for folder in folders for name in sorted(os.listdir(folder or "."))]


def read_together(files: Iterable[str], known: Iterable[TemplateFile]) -> Found:
    """The templates among the files that are not known yet. They are read as part of a project and never written.

    Files that are not templates are skipped; a file that cannot be parsed is a warning.
    """
    seen = {os.path.realpath(source.file) for source in known if source.file}
    found: list[TemplateFile] = []
    warnings: list[str] = []
    for file in files:
        if os.path.realpath(file) in seen or not (_is_named_like_one(file) and os.path.isfile(file)):
            continue
        seen.add(os.path.realpath(file))
        try:
            if os.path.getsize(file) <= _LARGEST_SIBLING and (source := _read_met(file)) is not None:
                found.append(source)
        except FixerError as error:
            warnings.append(f"{error} (the file is skipped as part of the project)")
    return Found(tuple(found), (), tuple(warnings))


def is_template(data: Json) -> bool:
    """Whether the data is a template: a Resources mapping in which some Type is an AWS, Alexa or custom one."""
    resources = data.get("Resources") if isinstance(data, dict) else None
    if not isinstance(resources, dict):
        return False
    types = (body.get("Type") for body in resources.values() if isinstance(body, dict))
    return any(isinstance(kind, str) and kind.startswith(("AWS::", "Alexa::", "Custom::")) for kind in types)


def read(path: str) -> bytes:
    """The bytes of a file. Raises BadTemplate with the system's reason if it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadTemplate(f"cannot be read: {error.strerror or error}", path) from error


def _expand(path: str) -> Iterator[tuple[str, bool]]:
    """(file, whether it was named) for one PATH argument."""
    if path == STANDARD_INPUT or os.path.isfile(path):
        yield path, True
    elif os.path.isdir(path):
        yield from ((name, False) for name in _walk(path))
    elif glob.has_magic(path) and (matches := sorted(glob.glob(path, recursive=True))):
        for match in matches:
            yield from _expand_match(match)
    else:
        yield path, True


def _expand_match(match: str) -> Iterator[tuple[str, bool]]:
    if os.path.isdir(match):
        yield from ((name, False) for name in _walk(match))
    else:
        yield match, False


def _walk(folder: str) -> Iterator[str]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS and not name.startswith("."))
        for name in sorted(names):
            if _is_named_like_one(name):
                yield os.path.join(root, name)


def _read_named(name: str, standard_input: bytes) -> TemplateFile:
    piped = name == STANDARD_INPUT
    data = standard_input if piped else read(name)
    document = parse(data, name)
    if not is_template(document.data):
        raise BadTemplate("is not a CloudFormation template: it has no Resources with AWS:: types", name)
    return TemplateFile(_shown(name), "" if piped else name, data, document)


def _read_met(name: str) -> TemplateFile | None:
    data = read(name)
    if _MARK not in data:
        return None
    document = parse(data, name)
    return TemplateFile(_shown(name), name, data, document) if is_template(document.data) else None


def _is_named_like_one(name: str) -> bool:
    return name.lower().endswith(TEMPLATE_ENDINGS)


def _shown(name: str) -> str:
    return Path(name).as_posix()


def read_document(path: str, what: str) -> str:
    """The text of a document; `what` names its kind in errors.

    Raises BadConfig if it cannot be read, is larger than a megabyte, or is not UTF-8 text.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise BadConfig(f"cannot be read: {error.strerror or error}", path) from error
    if len(data) > _LARGEST_DOCUMENT:
        raise BadConfig(f"is too large for a {what}", path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadConfig("is not UTF-8 text", path) from error
