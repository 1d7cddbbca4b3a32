"""What a person writes in an editor: the patch itself, or the text that it leads to."""

import json
import os
from collections.abc import Callable

import click

from fixer.document import parse
from fixer.errors import BadPatch, FixerError
from fixer.outputs.patch_files import difference, parse_operations, render
from fixer.review.questions import Files, Question

Say = Callable[[str], None]


def edited_patch(question: Question, say: Say) -> Files | None:
    """The operations from the editor; None if the person cancels."""
    files = question.resolution.patches
    text = render(next(iter(files.values()))) if len(files) == 1 else _as_json(files)
    return _edited(question, text, ".json", lambda edited: parse_operations(edited, tuple(files)), say)


def edited_text(question: Question, say: Say) -> Files | None:
    """The operations that lead to the text from the editor; None if the person cancels. Only data counts: comments and
    spaces that the person changes have no operation.
    """
    [(path, after)] = question.after.items()
    before = parse(question.before[path], path).data

    def derived(edited: str) -> Files:
        try:
            return {path: tuple(difference(before, parse(edited, path).data))}
        except FixerError as error:
            raise BadPatch(error.message, path, error.line, error.column) from error

    return _edited(question, after, os.path.splitext(path)[1] or ".yaml", derived, say)


def _edited(question: Question, text: str, extension: str, read: Callable[[str], Files], say: Say) -> Files | None:
    original = text
    while True:
        try:
            edited = click.edit(text, extension=extension)
        except click.ClickException as error:  # The editor is missing, or ended with an error.
            say(f"Nothing is changed: {error.message}. Set EDITOR to the command of an editor.")
            return None
        if edited is None or edited.strip() == original.strip():
            say("Nothing is changed.")
            return None
        try:
            found = read(edited)
            problem = question.refusal(found)
        except BadPatch as error:
            problem = str(error)
        if not problem:
            return found
        say(problem)
        try:
            if not click.confirm("Edit it again?", default=True):
                return None
        except click.Abort:
            return None
        text = edited


def _as_json(files: Files) -> str:
    return json.dumps({path: list(ops) for path, ops in files.items()}, indent=2) + os.linesep
