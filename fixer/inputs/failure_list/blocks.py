"""The code blocks of a document, and the fragments of templates that they show."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fixer.inputs.failure_list import roles
from fixer.model.failures import Fragment, Role

_FENCE = re.compile(r"^[\s>]*(?P<fence>`{3,}|~{3,})\s*(?P<info>[^`\s]*)[^`]*$")
_LARGEST = 100_000
_MOST = 50
SUGGESTION = "suggestion"
_TEMPLATE = ("", "json", "json5", "jsonc", "yaml", "yml", "cloudformation", "text", "txt", "plaintext", SUGGESTION)
PROGRAMS = ("bash", "sh", "shell", "console", "python", "py", "javascript", "js", "typescript", "ts", "tsx", "jsx")
_UNNAMED = ("", "text", "txt", "plaintext")
# A line that is not a comment. Must not match "# Missing: X" or "// removed", which say nothing.
_CONTENT = re.compile(r"^\s*(?!#|//)\S")
# "ENOENT: no such file or directory". Must not match "Description: 'The name of a bucket'" or "Type: AWS::S3::Bucket".
_SENTENCE = re.compile(r"^[^:]{1,100}:\s+(?:[A-Za-z]+[ ,]+){3}")
# The line of a template: "Type: x", '"Type": {', "- Key: x", "Type:". Must not match "Error in stack: failed".
_ENTRY = re.compile(r"""^\s*(?:-\s+)?["']?[\w:.${}-]{1,200}["']?\s*:(?:\s|$)""")
# A line of a program: "const x = 1", "import json". Must not match "import: x".
_PROGRAM = re.compile(
    r"^\s*(?:const|let|var|import|from|def|function|return|async|await|export|class)\s+"
    r"[\w{*(\[][^:]*(?:$|[=({;]| import )"
)
_NAME = re.compile(r"[A-Za-z][\w:.-]{2,60}")
_HEADER = re.compile(r"^(?:diff --git |index [0-9a-f]+\.\.|--- |\+\+\+ |\\ No newline)")


@dataclass(frozen=True)
class Block:
    """A code block: the indices of the lines with its fences, its language in lower case, and its text."""

    start: int
    end: int
    language: str
    text: str


def blocks(lines: Sequence[str]) -> Iterator[Block]:
    """The code blocks of a document. A block that is never closed does not count as one; a fence that names a language
    closes a block that is open, and opens another.
    """
    start, opening = -1, None
    for index, line in enumerate(lines):
        match = _FENCE.match(line) if line.lstrip(" \t>").startswith(("```", "~~~")) else None
        if match is None:
            continue
        if opening is None:
            start, opening = index, match
        elif match["fence"].startswith(opening["fence"]):
            yield _block(lines, start, index, opening["info"])
            start, opening = (index, match) if match["info"] else (-1, None)


def _block(lines: Sequence[str], start: int, end: int, info: str) -> Block:
    return Block(start, end, info.lower(), textwrap.dedent("\n".join(lines[start + 1 : end])))


def fragments(lines: Sequence[str], found: Sequence[Block], first: int) -> tuple[Fragment, ...]:
    """The fragments that the blocks of an entry show, in their order; of many blocks, the first fifty are read.

    `lines` are those of the document, `first` is the index of the first line of the entry below its title.
    """
    shown: list[Fragment] = []
    above = first
    for block in found[:_MOST]:
        before = range(block.start - 1, above - 1, -1)
        role, label = roles.of_lines(lines[index] for index in before if lines[index].strip())
        shown += _fragments_of(block, role or _continued(shown, lines[above : block.start]), label)
        above = block.end + 1
    return tuple(_in_order(shown))


def _continued(shown: Sequence[Fragment], between: Sequence[str]) -> Role | None:
    """The role of a block without a label: a further step of a correction is one, too."""
    if shown and shown[-1].role is Role.CORRECTED and shown[-1].label and any(line.strip() for line in between):
        return Role.CORRECTED
    return None


def _fragments_of(block: Block, role: Role | None, label: str) -> Iterator[Fragment]:
    line = block.start + 2
    if block.language == "diff":
        yield from _of_diff(block.text, line)
        return
    if block.language == SUGGESTION:
        yield Fragment(Role.CORRECTED, block.text, line, SUGGESTION)
        return
    if not is_template(block):
        yield Fragment(Role.NEITHER, block.text, line, block.language if block.language in PROGRAMS else label)
        return
    for offset, text, own in _parts(block.text):
        said = own or role
        if said is Role.FAULTY and not any(map(_CONTENT.match, text.split("\n"))):
            said = Role.NEITHER  # "# Missing: X" says nothing; but "# removed" tells of a correction that is not shown.
        if own is None and said is Role.NEITHER and re.search(r"\bevidence\b", label, re.I):
            said = Role.FAULTY
        # Whether "no label" is a role depends on the other blocks: see `_in_order`.
        yield Fragment(said or Role.NEITHER, text, line + offset, label if said is role else "comment" if own else "")


def is_template(block: Block) -> bool:
    """Whether a block may show a fragment of a template, by its language, its size and its lines."""
    if block.language not in _TEMPLATE or len(block.text) > _LARGEST:
        return False
    lines = [line for line in block.text.splitlines() if line.strip()]
    if any(_PROGRAM.match(line) for line in lines[:20]):
        return False
    if len(lines) == 1 and block.language in _UNNAMED and _SENTENCE.match(lines[0]):
        return False
    entries = sum(bool(_ENTRY.match(line)) for line in lines)
    if block.language in _UNNAMED:
        return bool(entries) and 2 * entries >= sum(line.lstrip()[:1].isalnum() for line in lines)
    return bool(lines)


def _parts(text: str) -> Iterator[tuple[int, str, Role | None]]:
    """The parts of a block that comments label, each with its first line (from 0), its text and its role.

    A block whose first line is such a comment is divided at the next one that gives another role.
    """
    lines = text.split("\n")
    marked = [(index, role) for index, line in enumerate(lines) if (role := roles.of_comment(line))]
    begun = [index for index, line in enumerate(lines) if line.strip()]
    if not marked or not begun or marked[0][0] != begun[0]:
        yield 0, text, None
        return
    starts = [marked[0]]
    starts += [each for each in marked[1:] if each[1] is not starts[-1][1] and not lines[each[0]][:1].isspace()][:1]
    ends = [index for index, _ in starts[1:]] + [len(lines)]
    for (index, role), end in zip(starts, ends, strict=True):
        yield index, "\n".join(lines[index:end]), role


def _of_diff(text: str, line: int) -> Iterator[Fragment]:
    """Both sides of each hunk of a diff."""
    hunks: list[list[tuple[int, str]]] = [[]]
    for offset, each in enumerate(text.split("\n")):
        if each.startswith("@@"):
            hunks.append([])
        elif not _HEADER.match(each):
            hunks[-1].append((offset, each))
    for hunk in hunks:
        if any(each[:1] in "+-" and each for _, each in hunk):
            for role, other in ((Role.FAULTY, "+"), (Role.CORRECTED, "-")):
                side = [each[1:] if each[:1] in "+- " else each for _, each in hunk if each[:1] != other]
                if any(map(str.strip, side)):
                    yield Fragment(role, textwrap.dedent("\n".join(side)), line + hunk[0][0], "diff")


def _in_order(shown: Sequence[Fragment]) -> Iterator[Fragment]:
    """The fragments, where two that no label speaks of are faulty and corrected, in this order, if they are alike."""
    unlabelled = [each for each in shown if each.role is Role.NEITHER and not each.label]
    if len(unlabelled) != 2 or any(each.role is not Role.NEITHER for each in shown) or not _are_alike(*unlabelled):
        yield from shown
        return
    for each in shown:
        given = {id(unlabelled[0]): Role.FAULTY, id(unlabelled[1]): Role.CORRECTED}
        yield replace(each, role=given.get(id(each), each.role))


def _are_alike(one: Fragment, other: Fragment) -> bool:
    """Whether two fragments begin with the same key, or have a quarter of their names in common."""
    names, others = (set(_NAME.findall(each.text)) for each in (one, other))
    keys = [_NAME.search(each.text) for each in (one, other)]
    same = keys[0] and keys[1] and keys[0].group() == keys[1].group()
    return bool(same) or 4 * len(names & others) >= len(names | others) > 0
