"""The review on a terminal: shows a question and reads a key. rich and click draw; `fixer.review.session` decides."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from fixer.engine.selection import by_id
from fixer.inputs.config import parse_option
from fixer.model import Resolution, Tier
from fixer.report import catalogue
from fixer.report.diff import unified
from fixer.report.effects import impact_of
from fixer.report.text import one_line, plain
from fixer.review.editing import edited_patch, edited_text
from fixer.review.questions import Answer, Choice, Question
from fixer.review.two_columns import two_columns
from fixer.transforms.review.sources import said
from fixer.transforms.transform import Transform

_TIERS = {Tier.SAFE: "green", Tier.REVIEW: "yellow", Tier.UNSAFE: "bold red", Tier.NEEDS_VALUE: "cyan"}
_DIFF = (("+++", "bold"), ("---", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))
_HELP = {
    Choice.APPLY: "apply this patch",
    Choice.SKIP: "skip this finding; you are not asked again until it changes",
    Choice.APPLY_ALL: "apply this and all later patches of this transform that are not of a worse tier",
    Choice.SKIP_ALL: "skip this and all later findings of this transform",
    Choice.FILE: "apply or skip all that is left in this file",
    Choice.TIER: "apply or skip all that is left of this tier",
    Choice.EDIT: "edit the patch (RFC 6902) in $EDITOR, then apply it",
    Choice.EDIT_TEXT: "edit the resulting text in $EDITOR; fixer makes the patch from it",
    Choice.VALUE: "set the value that the repair needs",
    Choice.NEXT: "leave this undecided, and go to the next one",
    Choice.PREVIOUS: "leave this undecided, and go to the previous one",
    Choice.JUMP: "choose from a list of the undecided findings",
    Choice.SEARCH: "search the undecided findings for a word",
    Choice.UNDO: "undo the last decision",
    Choice.QUIT: "stop; the decisions are kept for the next review",
    Choice.WRITE: "stop and write what was accepted",
}
_QUOTED = 2
"""Lines of a review that are shown with the question."""

_DETAILS, _AGAIN, _PAGER, _COLUMNS, _HELP_KEY = "d", "p", "P", "|", "?"
_VIEWS = {
    _DETAILS: "show the text of the review, if there is one, and the transform's documentation",
    _AGAIN: "show this finding again",
    _PAGER: "show this finding in a pager",
    _COLUMNS: "show the text before and after side by side",
}


class Screen:
    """Asks questions on the terminal of the process."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=False)

    def ask(self, question: Question) -> Answer:
        """Shows the question and returns the answer. Raises KeyboardInterrupt when the person presses Ctrl-C."""
        self._show(question)
        views: dict[str, Callable[[], None]] = {
            _DETAILS: lambda: self._explain(question),
            _AGAIN: lambda: self._show(question),
            _PAGER: lambda: self._page(question),
            _COLUMNS: lambda: self._columns(question),
        }
        while True:
            key = self._key(question)
            if key in views:
                views[key]()
            elif choice := next((each for each in question.choices if each.value == key), None):
                if answer := self._answer(question, choice):
                    return answer
            else:
                self._help(question)

    def busy(self) -> AbstractContextManager[Any]:
        """A sign that fixer is working."""
        return self._console.status("repairing and linting")

    def say(self, text: str) -> None:
        """Prints a sentence that needs attention."""
        self._console.print(Text(plain(text), "bold red"))

    def _show(self, question: Question) -> None:
        each = question.resolution
        place = f"{one_line(each.finding.path)}:{each.position.line}:{each.position.column}"
        self._console.print()
        if question.notice:
            self.say(question.notice)
        self._console.print(Rule(Text(place, "bold"), align="left", style="dim"))
        self._console.print(_title(question))
        self._line("What", each.finding.message)
        for label, text in _reasons(question):
            self._line(label, text)
        if each.reason and not question.after:
            self._line("Needs", each.reason)
        if question.after:
            self._line("Impact", impact_of(each, each.finding.path, question.undeployed))
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

    def _page(self, question: Question) -> None:
        with self._console.capture() as shown:
            self._show(question)
        click.echo_via_pager(shown.get())

    def _columns(self, question: Question) -> None:
        for path, after in question.after.items():
            self._console.print(Text(one_line(path), "bold"))
            self._console.print(two_columns(question.before[path], after))
        self._console.print()

    def _key(self, question: Question) -> str:
        """The key that the person presses; the question repeats which finding it is about."""
        what = "Apply this patch?" if question.after else "Set the value?"
        keys = ",".join([*(choice.value for choice in question.choices), *_VIEWS, _HELP_KEY])
        self._console.print(Text.assemble(_title(question), " ", (what, "bold"), f" [{keys}] "), end="", soft_wrap=True)
        try:
            key = click.getchar()
        except EOFError:  # Ctrl-D
            key = Choice.QUIT.value
        self._console.print(Text(plain(key)))
        return Choice.QUIT.value if key == "\x04" else key

    def _help(self, question: Question) -> None:
        keys = {choice.value: _HELP[choice] for choice in question.choices} | _VIEWS
        self._console.print("\n".join([*(f"  {key}  {text}" for key, text in keys.items()), ""]), markup=False)

    def _explain(self, question: Question) -> None:
        self._review_text(question)
        self._details(by_id(question.resolution.finding.id))

    def _review_text(self, question: Question) -> None:
        """What the review says about the failure, as it is written there."""
        if question.failure:
            self._console.print()
            self._console.print(Text(f"{one_line(question.failure.path)}:{question.failure.line}", "bold"))
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
        """The answer for a key, after what it asks for; None if the person cancels that."""
        try:
            match choice:
                case Choice.EDIT | Choice.EDIT_TEXT:
                    files = (edited_patch if choice is Choice.EDIT else edited_text)(question, self.say)
                    return Answer(choice, files) if files else None
                case Choice.VALUE:
                    values = self._values(question)
                    return Answer(choice, values=values) if values else None
                case Choice.FILE | Choice.TIER:
                    return self._group(question, choice)
                case Choice.JUMP:
                    return self._chosen(question, choice, range(question.left))
                case Choice.SEARCH:
                    return self._found(question)
                case Choice.QUIT if question.accepted:
                    return self._leaving(question)
                case _:
                    return Answer(choice)
        except (click.Abort, EOFError):  # Ctrl-C or Ctrl-D at a question below this one: back to this one.
            self._console.print()
            return None

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

    def _group(self, question: Question, choice: Choice) -> Answer | None:
        each = question.resolution
        group = f"in {one_line(each.finding.path)}" if choice is Choice.FILE else f"of tier {each.tier}"
        may_apply = bool(question.after)
        what = "apply (y) those of this tier or a milder one, or skip (n)" if may_apply else "skip (n)"
        key = self._one_of(f"All that is left {group}: {what}, or cancel (c)?", "ync" if may_apply else "nc")
        return None if key == "c" else Answer(choice, accept=key == "y")

    def _leaving(self, question: Question) -> Answer | None:
        patches = "patch" if question.accepted == 1 else "patches"
        key = self._one_of(
            f"Write the {question.accepted} accepted {patches} (y), only keep the decisions (n), or cancel (c)?", "ync"
        )
        return {"y": Answer(Choice.WRITE), "n": Answer(Choice.QUIT)}.get(key)

    def _one_of(self, prompt: str, keys: str) -> str:
        return str(click.prompt(prompt, type=click.Choice(list(keys)), show_choices=True))

    def _found(self, question: Question) -> Answer | None:
        word = click.prompt("Search for (leave empty to cancel)", default="", show_default=False).strip().lower()
        found = [at for at, each in enumerate(question.open_) if word and word in _listed(each).lower()]
        if word and not found:
            self._console.print("No undecided finding has this word.\n", markup=False)
        return self._chosen(question, Choice.SEARCH, found) if found else None

    def _chosen(self, question: Question, choice: Choice, among: Iterable[int]) -> Answer | None:
        """One of these undecided findings, chosen by its number."""
        places = list(among)
        if len(places) == 1:
            return Answer(choice, goal=places[0])
        for at in places:
            self._console.print(Text(f"{at + 1:>4}  {_listed(question.open_[at])}"), soft_wrap=True)
        number = click.prompt("Number (0 to cancel)", type=click.IntRange(0, question.left), default=0)
        return Answer(choice, goal=number - 1) if number else None


def _title(question: Question) -> Text:
    each = question.resolution
    rule = f" ({each.finding.match.rule})" if each.finding.match else ""
    number = (f" ({question.number})", "dim")
    return Text.assemble((each.finding.id, "bold"), rule, " ", (str(each.tier), _TIERS[each.tier]), number)


def _listed(each: Resolution) -> str:
    place = f"{one_line(each.finding.path)}:{each.position.line}"
    return f"{each.finding.id} [{each.tier}] {place}: {plain(each.finding.message)}"


def _reasons(question: Question) -> list[tuple[str, str]]:
    """Why it fails: two lines of the review that shows the repair, else the reason for this finding."""
    if question.failure:
        lines = said(question.failure, _QUOTED)
        return [("Review" if not index else "", line) for index, line in enumerate(lines)]
    return [("Why", _why(question))]


def _why(question: Question) -> str:
    """Why this finding matters: who asks for the repair, or what cfn-lint says; else why such a failure matters."""
    finding = question.resolution.finding
    if question.asked_for:
        return question.asked_for
    if finding.match and finding.match.message not in finding.message:
        return f"cfn-lint {finding.match.rule}: {finding.match.message}"
    return _first_sentence(by_id(finding.id).sections["Why it fails"])


def _first_sentence(text: str) -> str:
    words = _folded(text)
    end = words.find(". ")
    return words if end < 0 else words[: end + 1]


def _folded(text: str) -> str:
    return " ".join(text.split())
