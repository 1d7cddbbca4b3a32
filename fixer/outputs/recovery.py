"""Completes or reverts what a killed run began, before the next command reads the files.

A group of which nothing was renamed is left as it was, and its staged files are removed. A group that was renamed in
part is completed; if that is not possible, or if somebody has edited one of its files since, it is reverted.
"""

from collections.abc import Iterable, Iterator, Sequence

from fixer.errors import BadConfig
from fixer.outputs import intents, journal
from fixer.outputs.intents import Intent
from fixer.outputs.places import are_related
from fixer.outputs.safe_write import CannotWrite
from fixer.outputs.write_group import OpenFile, State, opened, put_back

_COMPLETE = "a run was interrupted after it had written its files; they are complete"
_NOTHING = "a run was interrupted before it wrote a file; its temporary files are removed now"


def recover(folders: Iterable[str]) -> tuple[str, ...]:
    """Completes or reverts the interrupted runs in the projects of these folders. Returns a sentence for each file that
    it writes or leaves. It writes nothing if no run was interrupted.
    """
    told: list[str] = []
    wanted = sorted({folder or "." for folder in folders})
    for unfinished, intent in intents.abandoned():
        with unfinished:
            unfinished.keep = True
            if isinstance(intent, BadConfig):
                told.append(str(intent))
            elif any(are_related(root, folder) for root in intent.roots for folder in wanted):
                sentences, unfinished.keep = _finished(intent)
                told += sentences
    return tuple(told)


def _finished(intent: Intent) -> tuple[list[str], bool]:
    """What was done, and whether something is left to do."""
    sentences: list[str] = []
    states: set[State] = set()
    for group in intent.groups:
        try:
            with opened(group, skip_missing=True) as files:
                sentences += _completed(files)
                states.update(file.state() for file in files)
                for file in files:
                    file.discard()
        except CannotWrite as error:
            return [*sentences, f"{error}; an interrupted run waits until this file can be written"], True
    is_written = State.NEW in states
    journal.settle(intent, is_written)
    return sentences or [_COMPLETE if is_written else _NOTHING], False


def _completed(files: Sequence[OpenFile]) -> Iterator[str]:
    """Makes a group old or new as a whole. Raises CannotWrite if neither is possible."""
    states = [file.state() for file in files]
    if State.NEW not in states or State.OLD not in states:
        return
    written = [file for file, state in zip(files, states, strict=True) if state is State.NEW]
    if not _is_new_in(states):
        put_back(written)
        reason = "restored, because a run was interrupted and another of its files has changed since"
        yield from (f"{file.name}: {reason}" for file in written)
        return
    try:
        yield from _rolled_forward([file for file, state in zip(files, states, strict=True) if state is State.OLD])
    except CannotWrite as error:
        put_back(files)
        yield f"{error}; the other files of the interrupted run are restored"


def _is_new_in(states: Sequence[State]) -> bool:
    """Whether the changed files contain what the run wrote: files are renamed in their order, so those in front of a
    new one are new.
    """
    last = max(index for index, state in enumerate(states) if state is State.NEW)
    return all(index < last for index, state in enumerate(states) if state is State.CHANGED)


def _rolled_forward(files: Sequence[OpenFile]) -> list[str]:
    for file in files:
        file.stage(file.entry.after)
        file.commit()
        file.sync()
    return [f"{file.name}: written now to complete an interrupted run" for file in files]
