"""Undo: reverts what a run wrote.

A file that is as the run left it is restored byte for byte. If the file has changed since, each edit whose lines,
including one line around them, are unchanged is reverted, and the others are reported. All files are written or none.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fixer.document.edits import revert_edits
from fixer.outputs import intents, journal
from fixer.outputs.intents import Entry, Intent
from fixer.outputs.journal import Run, Written
from fixer.outputs.write_group import HalfWritten, write_group

_AROUND = 1


@dataclass(frozen=True)
class Undone:
    """The result of undo for one file: its path, the lines (in the text of the run) of the reverted edits, and the
    reason for each edit that stays.
    """

    path: str
    lines: tuple[int, ...]
    hindered: tuple[str, ...]

    @property
    def reverted(self) -> int:
        """The number of reverted edits."""
        return len(self.lines)


@dataclass(frozen=True)
class Plan:
    """What undo will do to the files of a run: the results, and for each file that it changes its bytes before and
    after.
    """

    run: Run
    results: tuple[Undone, ...]
    entries: tuple[Entry, ...]


def planned(run: Run) -> Plan:
    """What undo will do, as far as the files allow. Nothing is written."""
    results: list[Undone] = []
    entries: list[Entry] = []
    for written in run.files:
        now, path = written.bytes(), run.shown(written)
        if now is None or run.state(written) == "not written":
            results.append(Undone(path, (), ("the file is gone",) if now is None else ()))
            continue
        before, lines, hindered = _reverted(written, now)
        results.append(Undone(path, lines, hindered))
        if before != now:
            entries.append(Entry.of(written.place, now, before))
    return Plan(run, tuple(results), tuple(entries))


def perform(plan: Plan) -> tuple[Undone, ...]:
    """Writes what was planned, and marks the run as undone.

    Raises CannotWrite if a file has changed since the plan or cannot be written; then no file is written.
    """
    part = ", in part" if any(result.hindered for result in plan.results) else ""
    mark = journal.now() + part
    with intents.begin(Intent(plan.run.id, (plan.entries,), mark)) as unfinished:
        try:
            write_group(plan.entries)
        except HalfWritten:
            unfinished.keep = True
            raise
        journal.save(replace(plan.run, undone=mark))
    return plan.results


def undo(run: Run) -> tuple[Undone, ...]:
    """Plans and performs the undo of a run."""
    return perform(planned(run))


def _reverted(written: Written, now: bytes) -> tuple[bytes, tuple[int, ...], tuple[str, ...]]:
    """The bytes with as many edits reverted as possible, the lines of these edits, and the reasons for the others."""
    if now == written.after.encode():
        before = revert_edits(written.after, written.edits).encode()
        return before, tuple(line for line, _, _, _ in _places(written)), ()
    try:
        current = now.decode()
    except UnicodeDecodeError:
        return now, (), ("the file is no longer UTF-8 text",)
    return _merged(written, current)


def _places(written: Written) -> list[tuple[int, int, int, str]]:
    """For each edit: its line, its start and end in the text after, and the text before."""
    places = []
    shift = 0
    for edit in written.edits:
        start = edit.start + shift
        shift += len(edit.new) - len(edit.old)
        line = written.after.count("\n", 0, start) + 1
        places.append((line, start, start + len(edit.new), edit.old))
    return places


def _merged(written: Written, current: str) -> tuple[bytes, tuple[int, ...], tuple[str, ...]]:
    """Reverts the unchanged edits. Edits are compared line by line, including one line around each edit."""
    after, now = _lines(written.after), _lines(current)
    equal = list(difflib.SequenceMatcher(None, after, now, autojunk=False).get_matching_blocks())
    hindered: list[str] = []
    lines: list[int] = []
    back: list[tuple[int, int, str]] = []
    for line, start, end, old in _places(written):
        moved = _moved(after, now, equal, start, end)
        if moved is None:
            hindered.append(f"the edit at line {line}, or a line beside it, has changed since the run")
        else:
            lines.append(line)
            back.append((moved, moved + end - start, old))
    for begin, stop, old in reversed(back):
        current = current[:begin] + old + current[stop:]
    return current.encode(), tuple(lines), tuple(hindered)


def _moved(
    after: Sequence[str], now: Sequence[str], equal: Sequence[difflib.Match], start: int, end: int
) -> int | None:
    """The offset in the current text of characters start to end of the text after; None if their lines have changed."""
    first, last = _line_at(after, start), _line_at(after, max(start, end - 1))
    low, high = max(0, first - _AROUND), min(len(after) - 1, last + _AROUND)
    for block in equal:
        if block.a <= low and high < block.a + block.size:
            line = block.b + first - block.a
            return sum(map(len, now[:line])) + start - sum(map(len, after[:first]))
    return None


def _lines(text: str) -> list[str]:
    """The lines with their line ends. Only a line feed ends a line; the last line may be empty."""
    parts = text.split("\n")
    return [*(part + "\n" for part in parts[:-1]), parts[-1]]


def _line_at(lines: Sequence[str], offset: int) -> int:
    passed = 0
    for index, line in enumerate(lines):
        passed += len(line)
        if offset < passed:
            return index
    return len(lines) - 1
