"""RFC 6902 patches as files: read, applied losslessly, made from two templates, and written one per repair."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fixer.document import parse
from fixer.document.text_patch import edited, is_text_patch, opened, text_of
from fixer.errors import BadConfig, BadPatch, BadTemplate, FixerError
from fixer.inputs.discovery import STANDARD_INPUT, read
from fixer.json_file import digest
from fixer.model import Json, Op, Outcome, Report
from fixer.outputs import journal
from fixer.outputs.places import confined
from fixer.outputs.safe_write import Folder

PATCH = "patch"
"""The id in the journal for an applied patch file, in place of a transform's id."""


def load(path: str) -> list[Op]:
    """The operations of a patch file: a JSON array of objects (RFC 6902, section 3).

    Raises BadPatch for anything else. Errors in an operation itself are reported when it is applied.
    """
    try:
        data = parse(read(path), path if path.endswith(".json") else path + ".json").data
    except FixerError as error:
        raise BadPatch(error.message, path, error.line, error.column) from error
    return _operations(data, path)


def parse_operations(text: str, paths: Sequence[str]) -> dict[str, tuple[Op, ...]]:
    """The operations per file in a text: a JSON array for one file, an object path → array for several.

    Raises BadPatch for anything else. Errors in an operation itself are reported when it is applied.
    """
    try:
        data = parse(text, "the patch.json").data
    except FixerError as error:
        raise BadPatch(error.message, "the patch", error.line, error.column) from error
    if len(paths) == 1:
        data = {paths[0]: data}
    if not isinstance(data, dict):
        raise BadPatch("a patch of several files must be a JSON object from path to operations")
    return {path: tuple(_operations(ops, path)) for path, ops in data.items()}


def _operations(data: Json, path: str) -> list[Op]:
    if not isinstance(data, list):
        raise BadPatch("a patch must be a JSON array of operations", path)
    ops: list[Op] = []
    for index, op in enumerate(data):
        if not isinstance(op, dict):
            raise BadPatch(f"operation {index} is not an object", path)
        ops.append(op)
    return ops


def apply_to(file: str, patch: str, standard_input: bytes = b"", write: bool = False) -> tuple[str, str]:
    """The texts of a file before and after a patch; the file is written if `write` is set (standard input never is).

    Raises FixerError if one of them cannot be read or parsed, if the patch does not apply, or if a second reader reads
    the text before or after it differently; then nothing is written.
    """
    data = standard_input if file == STANDARD_INPUT else read(file)
    ops = load(patch)
    is_text = is_text_patch(ops)
    document = opened(text_of(data, file), file) if is_text else parse(data, file)
    try:
        patched = edited(document, ops) if is_text else document.apply(ops)
    except BadPatch as error:
        raise BadPatch(error.message, patch, error.line, error.column) from error
    if is_text:
        parse(patched.text, file)
    if patched.text != document.text:
        if document.disputed and not is_text:
            raise BadTemplate(document.disputed, file)
        if patched.disputed:
            raise BadPatch(f"in the patched text of {file}, {patched.disputed}", patch)
    if write and patched.text != document.text and file != STANDARD_INPUT:
        journal.write(journal.Edited(file, data, patched.text, patched.edits, (PATCH,)))
    return document.text, patched.text


def between(a: str, b: str) -> list[Op]:
    """The operations that lead from the data of one file to that of another."""
    return difference(parse(read(a), a).data, parse(read(b), b).data)


def difference(before: Json, after: Json) -> list[Op]:
    """The operations that lead from some data to other data, as `jsonpatch` finds them."""
    import jsonpatch

    return list(jsonpatch.make_patch(before, after))


def render(ops: Sequence[Op]) -> str:
    """A patch as JSON text, one operation per line."""
    if not ops:
        return "[]\n"
    return "[\n" + ",\n".join("  " + json.dumps(op) for op in ops) + "\n]\n"


def write_patches(report: Report, folder: str) -> list[str]:
    """Writes each repair's patch to the folder as `<template>.<number>.<transform id>.json`, and returns the paths.

    The edits of a text that does not parse are in one file, because only together they make a template. The numbers
    follow the order of application; applying the files in this order with `fixer patch` repeats the run.
    Templates with the same name are told apart by their folders: `one__stack.yaml`. Raises BadConfig.
    """
    repairs = list(_together(report))
    names = _names(path for _, files in repairs for path in files)
    written: list[str] = []
    numbers: Counter[str] = Counter()
    try:
        os.makedirs(confined(folder), exist_ok=True)
        with Folder(os.path.realpath(folder)) as here:
            for name_of_repair, files in repairs:
                for path, ops in files.items():
                    numbers[path] += 1
                    name = f"{names[path]}.{numbers[path]:02}.{name_of_repair}.json"
                    here.save(name, render(ops).encode(), mode=0o666)
                    written.append(os.path.join(folder, name))
    except OSError as error:
        raise BadConfig(f"the patches cannot be written: {error.strerror or error}", folder) from error
    return written


def _together(report: Report) -> Iterator[tuple[str, Mapping[str, tuple[Op, ...]]]]:
    """(transform id, operations per file) of each repair in the order of application; all edits of a text as one."""
    waiting: dict[str, tuple[str, tuple[Op, ...]]] = {}
    for each in sorted(report.resolutions, key=lambda each: each.order):
        if each.outcome in (Outcome.APPLIED, Outcome.WOULD_APPLY):
            texts = {path: ops for path, ops in each.patches.items() if is_text_patch(ops)}
            for path, ops in texts.items():
                waiting[path] = (each.finding.id, waiting.get(path, ("", ()))[1] + ops)
            if not texts:
                yield from ((name, {path: ops}) for path, (name, ops) in waiting.items())
                waiting = {}
                yield each.finding.id, each.patches
    yield from ((name, {path: ops}) for path, (name, ops) in waiting.items())


def _names(paths: Iterable[str]) -> dict[str, str]:
    """A file name for each template: its own name, or its path if others have the same name."""
    unique = sorted(set(paths))
    names = {path: os.path.basename(path) for path in unique}
    for name in set(names.values()):
        alike = [path for path in unique if os.path.basename(path) == name]
        if len(alike) > 1:
            top = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in alike])
            names |= {path: os.path.relpath(path, top).replace(os.sep, "__") for path in alike}
    taken = Counter(names.values())
    return {
        path: name if taken[name] == 1 else f"{name}.{digest(os.fsencode(path))[:8]}" for path, name in names.items()
    }
