"""RFC 6902 patches as files: read, applied losslessly, made from two templates, and written one per repair."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from fixer.document import parse
from fixer.errors import BadPatch, BadTemplate, FixerError
from fixer.inputs.discovery import STANDARD_INPUT, read
from fixer.model import Json, Op, Outcome, Report
from fixer.outputs import journal

PATCH = "patch"
"""Stands for a transform's id in the journal where a patch file was applied."""


def load(path: str) -> list[Op]:
    """The operations of a patch file: a JSON array of objects (RFC 6902, section 3).

    Raises BadPatch when it is something else; what is wrong with an operation itself is said when it is applied.
    """
    try:
        data = parse(read(path), path if path.endswith(".json") else path + ".json").data
    except FixerError as error:
        raise BadPatch(error.message, path, error.line, error.column) from error
    return _operations(data, path)


def parse_operations(text: str, paths: Sequence[str]) -> dict[str, tuple[Op, ...]]:
    """The operations per file that a text gives for files: a JSON array for one, an object path → array for several.

    Raises BadPatch when it is something else; what is wrong with an operation itself is said when it is applied.
    """
    try:
        data = parse(text, "the patch.json").data
    except FixerError as error:
        raise BadPatch(error.message, "the patch", error.line, error.column) from error
    if len(paths) == 1:
        data = {paths[0]: data}
    if not isinstance(data, dict):
        raise BadPatch("a patch of several files is a JSON object, path to operations")
    return {path: tuple(_operations(ops, path)) for path, ops in data.items()}


def _operations(data: Json, path: str) -> list[Op]:
    if not isinstance(data, list):
        raise BadPatch("a patch is a JSON array of operations", path)
    ops: list[Op] = []
    for index, op in enumerate(data):
        if not isinstance(op, dict):
            raise BadPatch(f"operation {index} is no object", path)
        ops.append(op)
    return ops


def apply_to(file: str, patch: str, standard_input: bytes = b"", write: bool = False) -> tuple[str, str]:
    """The texts of a file before and after a patch, written if told to (standard input never is).

    Raises FixerError when one of them cannot be read or parsed, the patch does not apply, or a second reader does not
    read the text before or after it in the same way; nothing is written then.
    """
    data = standard_input if file == STANDARD_INPUT else read(file)
    ops = load(patch)
    document = parse(data, file)
    try:
        patched = document.apply(ops)
    except BadPatch as error:
        raise BadPatch(error.message, patch, error.line, error.column) from error
    if patched.text != document.text:
        if document.disputed:
            raise BadTemplate(document.disputed, file)
        if patched.disputed:
            raise BadPatch(f"in the patched text of {file}, {patched.disputed}", patch)
    if write and patched.text != document.text and file != STANDARD_INPUT:
        journal.write(journal.Edited(file, data, patched.text, patched.edits, (PATCH,)))
    return document.text, patched.text


def between(a: str, b: str) -> list[Op]:
    """Operations that lead from the data of one file to that of another, as `jsonpatch` finds them."""
    import jsonpatch

    return list(jsonpatch.make_patch(parse(read(a), a).data, parse(read(b), b).data))


def render(ops: Sequence[Op]) -> str:
    """A patch as JSON text: an operation a line."""
    if not ops:
        return "[]\n"
    return "[\n" + ",\n".join("  " + json.dumps(op) for op in ops) + "\n]\n"


def write_patches(report: Report, folder: str) -> list[str]:
    """Writes each repair's patch into the folder as `<template>.<number>.<transform id>.json`, and returns the paths.

    The numbers follow the order of application; `fixer patch` with them, in order, does what the run did.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    numbers: dict[str, int] = {}
    for resolution in sorted(report.resolutions, key=lambda each: each.order):
        if resolution.outcome not in (Outcome.APPLIED, Outcome.WOULD_APPLY):
            continue
        for path, ops in resolution.patches.items():
            numbers[path] = number = numbers.get(path, 0) + 1
            name = f"{Path(path).name}.{number:02}.{resolution.finding.id}.json"
            target = os.path.join(folder, name)
            Path(target).write_text(render(ops), encoding="utf-8")
            written.append(target)
    return written
