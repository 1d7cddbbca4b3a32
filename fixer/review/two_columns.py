"""A change in two columns: the text before on the left, the text after on the right."""

import difflib
from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from fixer.report.text import plain

_CONTEXT = 3


def two_columns(before: str, after: str) -> Table:
    """The changed lines of a text with three lines of context, with line numbers."""
    table = Table.grid(padding=(0, 1), expand=True)
    for ratio in (None, 1, None, 1):
        table.add_column(
            ratio=ratio, overflow="fold", justify="left" if ratio else "right", style="" if ratio else "dim"
        )
    for row in _rows(before.splitlines(), after.splitlines()):
        table.add_row(*row)
    return table


def _rows(old: list[str], new: list[str]) -> Iterator[tuple[Text, Text, Text, Text]]:
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT)
    for index, group in enumerate(groups):
        if index:
            yield Text("…", "dim"), Text(""), Text("…", "dim"), Text("")
        for tag, start, end, new_start, new_end in group:
            for step in range(max(end - start, new_end - new_start)):
                yield (
                    *_cell(old, start + step, end, "" if tag == "equal" else "red"),
                    *_cell(new, new_start + step, new_end, "" if tag == "equal" else "green"),
                )


def _cell(lines: list[str], at: int, end: int, style: str) -> tuple[Text, Text]:
    if at >= end:
        return Text(""), Text("")
    return Text(str(at + 1)), Text(plain(lines[at]), style)
