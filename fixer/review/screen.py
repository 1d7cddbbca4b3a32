"""The review on a terminal: shows a question and reads a key. rich and click draw; `fixer.review.session` decides."""

import json
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from fixer.engine.selection import by_id
from fixer.errors import BadPatch
from fixer.inputs.config import parse_option
from fixer.model import Op, Tier
from fixer.outputs.patch_files import parse_operations, render
from fixer.report import catalogue
from fixer.report.diff import unified
from fixer.report.effects import sentence
from fixer.report.text import one_line, plain
from fixer.review.session import Answer, Choice, Files, Question
from fixer.transforms.review.sources import said
from fixer.transforms.transform import Transform

_TIERS = {Tier.SAFE: "green", Tier.REVIEW: "yellow", Tier.UNSAFE: "bold red", Tier.NEEDS_VALUE: "cyan"}
_DIFF = (("+++", "bold"), ("---", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))
_HELP = {
    Choice.APPLY: "apply this patch",
    Choice.SKIP: "skip this finding; you are not asked again until it changes",
    Choice.APPLY_ALL: "apply this and all later patches of this transform that are not of a worse tier",
    Choice.SKIP_ALL: "skip this and all later findings of this transform",
    Choice.EDIT: "edit the patch (RFC 6902) in $EDITOR, then apply it",
    Choice.VALUE: "set the value that the repair needs",
    Choice.UNDO: "undo the last choice",
    Choice.QUIT: "stop and write nothing",
    Choice.WRITE: "stop and write what was accepted",
}
_DETAILS, _HELP_KEY = "d", "?"
_QUOTED = 2
"""Lines of a review that are shown with the question."""


class Screen:
    """Asks questions on the terminal of the process."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=False)

    def ask(self, question: Question) -> Answer:
        """Shows the question and returns the answer. Raises KeyboardInterrupt when the person presses Ctrl-C."""
        self._show(question)
        while True:
            key = self._key(question)
            if key == _DETAILS:
                self._review_text(question)
                self._details(by_id(question.resolution.finding.id))
            elif choice := next((each for each in question.choices if each.value == key), None):
                if answer := self._answer(question, choice):
                    return answer
            else:
                self._help(question)

    def busy(self) -> AbstractContextManager[Any]:
        """A sign that fixer is working."""
        return self._console.status("repairing and linting")

    def _show(self, question: Question) -> None:
        each = question.resolution
        place = f"{one_line(each.finding.path)}:{each.position.line}:{each.position.column}"
        self._console.print()
        if question.notice:
            self._console.print(Text(plain(question.notice), "bold red"))
        self._console.print(Rule(Text(place, "bold"), align="left", style="dim"))
        rule = f" ({each.finding.match.rule})" if each.finding.match else ""
        title = Text.assemble(
            (each.finding.id, "bold"),
            rule,
            " ",
            (str(each.tier), _TIERS[each.tier]),
            (f"  {question.left} left", "dim"),
        )
        self._console.print(title)
        self._line("What", each.finding.message)
        for label, text in _reasons(question):
            self._line(label, text)
        if each.reason and not question.after:
            self._line("Needs", each.reason)
        if question.after:
            self._line("Impact", sentence(each.effects, each.finding.path, question.undeployed))
        for note in each.notes:
            self._line("Note", note)
        for path, after in question.after.items():
            self._console.print()
            self._diff(unified(path, question.before[path], after))
        self._console.print()

    def _line(self, label: str, text: str) -> None:
        row = Table.grid(padding=(0, 1))
        row.add_column(width=6)
        row.add_row(Text(label, "dim"), Text(plain(text)))
        self._console.print(Padding(row, (0, 0, 0, 2)))

    def _diff(self, diff: str) -> None:
        for line in diff.splitlines():
            style = next((style for start, style in _DIFF if line.startswith(start)), "")
            self._console.print(Text(plain(line), style), soft_wrap=True)

    def _key(self, question: Question) -> str:
        what = "Apply this patch?" if question.after else "Set the value?"
        keys = ",".join([*(choice.value for choice in question.choices), _DETAILS, _HELP_KEY])
        self._console.print(Text.assemble((what, "bold"), f" [{keys}] "), end="", soft_wrap=True)
        key = click.getchar()
        self._console.print(Text(plain(key)))
        return key

    def _help(self, question: Question) -> None:
        lines = [f"  {choice.value}  {_HELP[choice]}" for choice in question.choices]
        self._console.print(
            "\n".join([*lines, f"  {_DETAILS}  details: the review's text and the transform's documentation", ""]),
            markup=False,
        )

    def _review_text(self, question: Question) -> None:
        """What the review says about the failure, as it is written there."""
        if question.failure:
            self._console.print()
            self._console.print(Text(f"{question.failure.path}:{question.failure.line}", "bold"))
            text = "\n".join(map(plain, question.failure.body.splitlines()))
            self._console.print(Padding(Text(text), (0, 0, 1, 2)))

    def _details(self, transform: Transform) -> None:
        self._console.print()
        for heading, text in transform.sections.items():
            folded = text if heading == "References" else "\n\n".join(_folded(part) for part in text.split("\n\n"))
            self._console.print(Text(heading, "bold"), Padding(Text(folded), (0, 0, 1, 2)), sep="\n")
        if transform.options:
            self._console.print(Text("Options", "bold"))
            self._console.print("\n".join(catalogue.options(transform)) + "\n", markup=False)

    def _answer(self, question: Question, choice: Choice) -> Answer | None:
        if choice is Choice.EDIT:
            files = self._edited(question)
            return Answer(choice, files) if files else None
        if choice is Choice.VALUE:
            values = self._values(question)
            return Answer(choice, values=values) if values else None
        return Answer(choice)

    def _edited(self, question: Question) -> Files | None:
        """The operations from the editor; None if the person cancels."""
        files = question.resolution.patches
        text = render(next(iter(files.values()))) if len(files) == 1 else _as_json(files)
        while True:
            edited = click.edit(text, extension=".json")
            if edited is None or edited.strip() == text.strip():
                self._console.print("The patch is unchanged.", markup=False)
                return None
            try:
                found = parse_operations(edited, tuple(files))
                problem = question.refusal(found)
            except BadPatch as error:
                problem = str(error)
            if not problem:
                return found
            self._console.print(Text(plain(problem), "bold red"))
            if not click.confirm("Edit it again?", default=True):
                return None
            text = edited

    def _values(self, question: Question) -> tuple[tuple[str, str, str], ...]:
        values = []
        for want in question.resolution.wants:
            name, option, example = parse_option(want)
            known = by_id(name).option(option)
            help_ = f" ({known.help})" if known else ""
            value = click.prompt(
                f"{name}.{option}{help_}, such as {example} (leave empty to cancel)", default="", show_default=False
            )
            if not value.strip():
                return ()
            values.append((name, option, value.strip()))
        return tuple(values)


def _reasons(question: Question) -> list[tuple[str, str]]:
    """Why it fails: two lines of the review that shows the repair, else the first sentence of the documentation."""
    if question.failure:
        lines = said(question.failure, _QUOTED)
        return [("Review" if not index else "", line) for index, line in enumerate(lines)]
    return [("Why", _first_sentence(by_id(question.resolution.finding.id).sections["Why it fails"]))]


def _first_sentence(text: str) -> str:
    words = _folded(text)
    end = words.find(". ")
    return words if end < 0 else words[: end + 1]


def _folded(text: str) -> str:
    return " ".join(text.split())


def _as_json(files: Mapping[str, tuple[Op, ...]]) -> str:
    return json.dumps({path: list(ops) for path, ops in files.items()}, indent=2) + os.linesep
