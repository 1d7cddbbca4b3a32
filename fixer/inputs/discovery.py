"""The files of a run, and their bytes. `fixer.outputs.write_group` writes new bytes."""

import codecs
import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixer import pointer
from fixer.cloudformation.sections import meant_section
from fixer.document import Document, parse
from fixer.errors import BadTemplate, FixerError
from fixer.inputs import globs
from fixer.inputs.ignored import SKIPPED_FOLDERS, Ignored
from fixer.inputs.regular_file import read_regular, start_of
from fixer.model import Json

TEMPLATE_ENDINGS = (".json", ".yaml", ".yml", ".template")
STANDARD_INPUT = "-"

_STAGED = ".fixer-staged-"
_MARK = b"AWS::"
_MOST_LEVELS = 150
"""cfn-lint, which recurses, gives up at about 200 levels."""

LARGEST = 64_000_000
"""The size limit of a template, in bytes. CloudFormation takes a megabyte.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

_LARGEST_SIBLING = 5_000_000


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A file as read: `path` as reported, `file` on disk ("" for standard input), its bytes, its document."""

    path: str
    file: str
    data: bytes
    document: Document


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A file that does not parse: `path`, `file` and bytes as of a TemplateFile, its text, and the error."""

    path: str
    file: str
    data: bytes
    text: str
    error: FixerError


@dataclass(frozen=True, slots=True)
class Found:
    """The result of the PATH arguments: templates, and errors for files that cannot be read or parsed or are not
    templates. `unparsed` are those of the errors that are faults of the text.
    """

    sources: tuple[TemplateFile, ...] = ()
    errors: tuple[FixerError, ...] = ()
    warnings: tuple[str, ...] = ()
    unparsed: tuple[Unparsed, ...] = ()

    @property
    def files(self) -> tuple[TemplateFile | Unparsed, ...]:
        """All files that were read, also those that do not parse."""
        return (*self.sources, *self.unparsed)


class _NotParsed(BadTemplate):
    """A text that does not parse."""

    def __init__(self, name: str, file: str, data: bytes, text: str, error: BadTemplate) -> None:
        super().__init__(error.message, error.path, error.line, error.column)
        self.unparsed = Unparsed(_shown(name), file, data, text, self)


def discover(
    paths: Iterable[str],
    standard_input: bytes = b"",
    skip_others: bool = False,
    exclude: Sequence[tuple[str, str]] = (),
) -> Found:
    """The templates at the paths: files, folders (walked; templates are recognised by content), globs, "-".

    A named file must be a template. A file found while walking, or any file with `skip_others`, is skipped if it is not
    a template, and is an error if it cannot be parsed but contains "AWS::". A file found twice counts once. Walks leave
    out what `.gitignore` files and `exclude` (see `fixer.inputs.ignored`) name.
    """
    sources: dict[str, TemplateFile] = {}
    errors: list[FixerError] = []
    warnings: list[str] = []
    ignored = Ignored(exclude)
    unparsed: list[Unparsed] = []
    for path in paths:
        before = len(sources) + len(errors)
        for name, is_named in _expand(path, ignored):
            named = is_named and not (skip_others and name != STANDARD_INPUT)
            identity = _identity(name)
            if identity in sources:
                before -= 1
                continue
            try:
                source = _read_named(name, standard_input) if named else _read_met(name)
            except FixerError as error:
                if not isinstance(error, _NotParsed):
                    errors.append(error)
                elif identity not in {_identity(each.file or STANDARD_INPUT) for each in unparsed}:
                    errors.append(error)
                    unparsed.append(error.unparsed)
                continue
            if source is not None:
                sources[identity] = source
        if Path(path).is_dir() and len(sources) + len(errors) == before:
            warnings.append(f"{path}: this folder contains no templates")
    return Found(tuple(sources.values()), tuple(errors), tuple(warnings), tuple(unparsed))


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
        if not (_is_named_like_one(file) and os.path.isfile(file)) or os.path.realpath(file) in seen:
            continue
        seen.add(os.path.realpath(file))
        try:
            if os.path.getsize(file) <= _LARGEST_SIBLING and (source := _read_met(file)) is not None:
                found.append(source)
        except FixerError as error:
            warnings.append(f"{error} (the file is skipped as part of the project)")
    return Found(tuple(found), (), tuple(warnings))


def is_template(data: Json) -> bool:
    """Whether the data is a template: a Resources mapping in which some Type is an AWS, Alexa or custom one. Without
    Resources, a section with nearly this name counts, because that is a fault of a template.
    """
    resources = data.get("Resources", _misspelled(data)) if isinstance(data, dict) else None
    if not isinstance(resources, dict):
        return False
    types = (body.get("Type") for body in resources.values() if isinstance(body, dict))
    return any(isinstance(kind, str) and kind.startswith(("AWS::", "Alexa::", "Custom::")) for kind in types)


def _misspelled(data: dict[str, Json]) -> Json:
    """The value of the only top-level key that is nearly Resources; None if there is none."""
    named = [name for name in data if meant_section(name) == "Resources"]
    return data[named[0]] if len(named) == 1 else None


def read(path: str) -> bytes:
    """The bytes of a file. Raises BadTemplate if it cannot be read, is not a regular file, or is larger than 64 MB."""
    return read_regular(path, LARGEST, "a template", BadTemplate)


def _expand(path: str, ignored: Ignored) -> Iterator[tuple[str, bool]]:
    """(file, whether it was named) for one PATH argument."""
    if path == STANDARD_INPUT or os.path.isfile(path):
        yield path, True
    elif os.path.isdir(path):
        yield from ((name, False) for name in _walk(path, ignored))
    elif glob.has_magic(path) and (matches := globs.matches(path)):
        for match in matches:
            yield from _expand_match(match, ignored)
    else:
        yield path, True


def _expand_match(match: str, ignored: Ignored) -> Iterator[tuple[str, bool]]:
    if os.path.isdir(match):
        yield from ((name, False) for name in _walk(match, ignored))
    elif not ignored.leaves_out(match, False):
        yield match, False


def _walk(folder: str, ignored: Ignored) -> Iterator[str]:
    def enters(path: str) -> bool:
        name = os.path.basename(path)
        return name not in SKIPPED_FOLDERS and not name.startswith(".") and not ignored.leaves_out(path, True)

    for place, names in globs.walk(folder, enters):
        found = (os.path.join(place, name) for name in names if _is_named_like_one(name))
        yield from (path for path in found if not ignored.leaves_out(path, False))


def _read_named(name: str, standard_input: bytes) -> TemplateFile:
    piped = name == STANDARD_INPUT
    data = standard_input if piped else read(name)
    if len(data) > LARGEST:
        raise _too_large(name)
    document = _parsed(name, "" if piped else name, data)
    if not is_template(document.data):
        raise BadTemplate("is not a CloudFormation template: it has no Resources with AWS:: types", name)
    return _template(name, "" if piped else name, data, document)


def _read_met(name: str) -> TemplateFile | None:
    if os.path.exists(name) and not os.path.isfile(name):
        return None
    data = start_of(name, LARGEST + 1, BadTemplate)
    if _MARK not in data:
        return None
    if len(data) > LARGEST:
        raise _too_large(name)
    document = _parsed(name, name, data)
    return _template(name, name, data, document) if is_template(document.data) else None


def _parsed(name: str, file: str, data: bytes) -> Document:
    try:
        return parse(data, name)
    except BadTemplate as error:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise error from None
        if "\0" in text or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise
        raise _NotParsed(name, file, data, text, error) from error


def template_file(path: str, file: str, data: bytes, document: Document) -> TemplateFile:
    """A file whose text was repaired. Raises BadTemplate if its data is not that of a template."""
    if not is_template(document.data):
        raise BadTemplate("is not a CloudFormation template: it has no Resources with AWS:: types", path)
    return _template(path, file, data, document)


def _template(name: str, file: str, data: bytes, document: Document) -> TemplateFile:
    if pointer.depth(document.data, _MOST_LEVELS + 1) > _MOST_LEVELS:
        raise BadTemplate(f"is nested too deeply: the limit is {_MOST_LEVELS} levels", name)
    return TemplateFile(_shown(name), file, data, document)


def _too_large(name: str) -> BadTemplate:
    return BadTemplate(f"is too large for a template: the limit is {LARGEST // 1_000_000} MB", name)


def _identity(name: str) -> str:
    """What a path has in common with the other paths of the same file."""
    try:
        return os.path.realpath(name) if name != STANDARD_INPUT else name
    except ValueError:  # A null byte, which no file's name has.
        return name


def _is_named_like_one(name: str) -> bool:
    """Whether a file may be a template by its name. A text that a killed run has staged is none."""
    return name.lower().endswith(TEMPLATE_ENDINGS) and not os.path.basename(name).startswith(_STAGED)


def _shown(name: str) -> str:
    return Path(name).as_posix()
