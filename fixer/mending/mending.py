"""The repair of a text that does not parse, or that its readers understand differently: fault by fault."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fixer.document import Document
from fixer.document.document import syntax_of
from fixer.document.first_error import document_of, first_error, mended_document
from fixer.document.operations import identical
from fixer.document.repeated_keys import Repeated, repeated_keys
from fixer.document.source import Syntax, position_at
from fixer.mending import repeats, surroundings
from fixer.mending.candidate import Candidate, candidate
from fixer.mending.search import search
from fixer.mending.shape import Fault, faults, is_function
from fixer.mending.suspicion import may_have_moved
from fixer.model import Edit, Json, Position

LARGEST = 1_000_000
"""The size limit of a text that is repaired, in characters: CloudFormation takes a megabyte."""

LONGEST = 20_000
"""The length limit of its lines: the time that parsers take grows with the square of a line."""

# A tag in front of a value. Matches "- !Ref x" and "Name: !Sub x". Must not match "a!b".
_TAG = re.compile(r"(?<=[ \[,])!(\w+)(?:[ \t]+(\S[^\n]*))?")


@dataclass(frozen=True, slots=True)
class Mend:
    """One fault: what is wrong as a clause, its place in the first text, and the edits that repair it, in the text that
    the repairs before it make.
    """

    fault: str
    position: Position
    edits: tuple[Edit, ...]
    before: str


@dataclass(frozen=True, slots=True)
class Unmended:
    """A fault that is not repaired: what is wrong, the reason, and the place in the first text. `is_known`: it
    says more than the parser does.
    """

    fault: str
    reason: str
    position: Position
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Mended:
    """The result for a text: the document after the repairs, if they are certain, and the faults that are left."""

    document: Document | None
    mends: tuple[Mend, ...] = ()
    left: tuple[Unmended, ...] = ()


@dataclass
class _Work:
    """A text in work: the steps so far, each for the text that the one before it makes."""

    first: str
    text: str
    path: str
    syntax: Syntax
    steps: list[Candidate]

    def take(self, step: Candidate) -> None:
        self.text = step.applied(self.text)
        self.steps.append(step)

    def place(self, offset: int) -> Position:
        """The place in the first text of a character of the current one."""
        return position_at(self.first, _origin(offset, self.steps))

    def left(self, fault: str, reason: str, offset: int) -> Unmended:
        return Unmended(fault, reason, self.place(offset))


def mend(text: str, path: str, syntax: Syntax) -> Mended:
    """The repairs of a text that does not parse. The document of the result is None if they are not certain: then
    nothing is repaired, and `left` says why. Raises nothing.
    """
    work = _Work(text, text, path, syntax, [])
    if len(text) > LARGEST:
        return Mended(None, (), (work.left("the text does not parse", "it is too large to look for repairs", 0),))
    if any(len(line) > LONGEST for line in text.splitlines()):
        reason = f"it has a line of more than {LONGEST} characters"
        return Mended(None, (), (work.left("the text does not parse", reason, 0),))
    if left := _unwrapped(work) or _parsed(work):
        return Mended(None, _mends(work), (left,))
    return _checked(work)


def mend_parsed(document: Document) -> Mended:
    """The repairs of a text that parses although it has repeated keys, or tags that are meant as text."""
    work = _Work(document.text, document.text, document.path, document.syntax, [])
    mended = _checked(work, document)
    return mended if mended.mends or mended.left else Mended(document)


def _unwrapped(work: _Work) -> Unmended | None:
    """Removes what is around the template."""
    if (offset := surroundings.elision(work.text)) is not None and first_error(work.text, work.syntax):
        return work.left("the text leaves something out (...)", "what is missing is not known", offset)
    if surroundings.has_markdown(work.text):
        step = surroundings.without_markdown(work.text)
        if step is None:
            return work.left("Markdown around the template", "it has several blocks of code", 0)
        work.take(step)
        work.syntax = syntax_of(work.text, work.path)
    is_broken = work.syntax is Syntax.YAML and first_error(work.text, work.syntax)
    if is_broken and (step := surroundings.joined(work.text, work.path)):
        work.take(step)
    error = first_error(work.text, work.syntax)
    if error and (step := surroundings.without_prose(work.text, work.syntax)):
        mended = step.applied(work.text)
        rest = first_error(mended, work.syntax)
        if rest is None or len(mended) - rest.offset < len(work.text) - error.offset - len(work.text[step.end :]):
            work.take(step)
    return None


def _parsed(work: _Work) -> Unmended | None:
    """Repairs the faults of the syntax."""
    error = first_error(work.text, work.syntax)
    if error is None:
        return None
    if work.syntax is Syntax.YAML and "second document" in error.reason:
        return work.left("several documents in one file", "they are not parts of one template", error.offset)
    found = search(work.text, work.path, work.syntax)
    if found.reading is None:
        left = work.left(error.reason or "the text does not parse", found.reason, found.offset)
        return replace(left, is_known=False)
    for step in found.reading.steps:
        if (doubt := may_have_moved(work.text, step)) is not None:
            return work.left(step.fault, "the character may be the one that is out of place nearby", doubt)
        work.take(step)
    return None


def _checked(work: _Work, parsed: Document | None = None) -> Mended:
    """Repairs what the parser accepts: tags that are text, and repeated keys; then checks the result. `parsed` is the
    document of the text, if it is known.
    """
    _tags(work)
    document = parsed if parsed and not work.steps else document_of(work.text, work.path)
    if document is None:
        error = first_error(work.text, work.syntax)
        left = work.left("the content of the text does not parse", "no repair is certain", error.offset if error else 0)
        return Mended(None, _mends(work), (replace(left, is_known=False),))
    left_over: list[Unmended] = []
    document = _unrepeated(work, document, left_over)
    if not work.steps:
        return Mended(document, (), tuple(left_over))
    mended = mended_document(work.path, work.first, [step.splices for step in work.steps])
    if mended is None or mended.disputed or not _is_template(mended.data):
        reason = (mended.disputed if mended else "") or "the result is not a template"
        return Mended(None, _mends(work), (work.left("the text does not parse", reason, 0),))
    return Mended(mended, _mends(work), tuple(left_over))


def _tags(work: _Work) -> None:
    """Puts values in quotation marks that begin with `!` but not with a function of CloudFormation."""
    while work.syntax is Syntax.YAML:
        for found in _TAG.finditer(work.text):
            if found[2] and not is_function(found[1]) and not _is_near(found[1]):
                start, end = found.start(), found.end(2)
                value = work.text[start:end].rstrip()
                if '"' in value or "\\" in value or " #" in value or not _is_value(work.text, start):
                    continue
                step = candidate("a value that begins with ! is a tag", (start, start + len(value), f'"{value}"'))
                if document_of(step.applied(work.text), work.path):
                    work.take(step)
                    break
        else:
            return


def _is_value(text: str, start: int) -> bool:
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return re.fullmatch(r"[ \t]*(?:- +)*(?:[\w.-]+:)? +|[ \t]*- +", line) is not None


def _is_near(name: str) -> bool:
    """Whether a name may be a misspelled function. Words of prose are in lower case and long, or not like one."""
    from difflib import get_close_matches

    from fixer.mending.shape import FUNCTIONS

    known = [each.lower() for each in (*FUNCTIONS, "Ref", "Condition")]
    return not name[0].islower() or bool(get_close_matches(name.lower(), known, 1, 0.75))


def _unrepeated(work: _Work, document: Document, left: list[Unmended]) -> Document:
    """Removes repeated keys; those that stay are added to `left`."""
    stuck: set[str] = set()
    while True:
        for each in repeated_keys(document):
            found = repeats.without_repetition(document, each)
            where = f"{each.place}{each.second.key}"
            if isinstance(found, str):
                if where not in stuck:
                    left.append(work.left(found, "it is not known which one is meant", each.second.start))
                stuck.add(where)
                continue
            step, value = found
            after = document_of(step.applied(work.text), work.path)
            if where not in stuck and after is not None and identical(after.data, _with(document.data, each, value)):
                work.take(step)
                document = after
                break
            stuck.add(where)
        else:
            return document


def _with(data: Json, each: Repeated, value: Json) -> Json:
    """The data with that value for a repeated key."""
    if not each.place:
        return {**data, str(each.second.key): value} if isinstance(data, dict) else data
    return data  # The last one of two equal values counts already.


def _is_template(data: Json) -> bool:
    resources = data.get("Resources") if isinstance(data, dict) else None
    return isinstance(resources, dict) and bool(resources) and not any(_is_foreign(fault) for fault in faults(data))


def _is_foreign(fault: Fault) -> bool:
    """Whether no template has the fault, not even one with mistakes in it."""
    _, name, what = fault
    return not name or what.endswith("is not a function")


def _mends(work: _Work) -> tuple[Mend, ...]:
    """The steps as edits, each with its place in the first text."""
    mends, text = [], work.first
    for index, step in enumerate(work.steps):
        edits = tuple(Edit(each.start, each.end, text[each.start : each.end], each.new) for each in step.splices)
        place = position_at(work.first, _origin(step.start, work.steps[:index]))
        mends.append(Mend(step.fault, place, edits, text))
        text = step.applied(text)
    return tuple(mends)


def _origin(offset: int, steps: Sequence[Candidate]) -> int:
    """The place in the first text of a character of the text after some steps."""
    for step in reversed(steps):
        shift = 0
        for splice in step.splices:
            if splice.start + shift + len(splice.new) > offset:
                break
            shift += len(splice.new) - (splice.end - splice.start)
        offset = max(offset - shift, 0)
    return offset
