"""Plain English: no text that a user can read has one of these phrases. docs/writing-a-transform.md has the words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from fixer.cli.main import cli
from fixer.transforms import TRANSFORMS
from fixer.transforms.packs import pack_transforms

ROOT = Path(__file__).parent.parent

AVOID = (
    # pattern, replacement, example
    (r"(?<![Tt]here )\b(?:is|was) no (?!longer\b)[a-z]", "is not a", "a file that is no template"),
    (r"(?<![Tt]here )\b(?:are|were) no (?!longer\b)[a-z]", "are not", "files that are no templates"),
    (r"\b(?:is|are) none of\b", "is not one of", "the value is none of its choices"),
    (r"\b(?:is|are|was) nothing (?:that|which)\b", "is not", "a tag that is nothing that CloudFormation knows"),
    (r"\b(?:knows?|lists?|finds?) no [a-z]", "does not know", "cfn-lint knows no region 'x'"),
    (r"\bany ?more\b", "no longer", "a value that nothing reads any more"),
    (r"\bt(?:ak(?:e|es|en|ing)|ook) (?:\w+ ){0,3}back\b", "undo", "take the last run back"),
    (r"\bput(?:s|ting)? (?:\w+ )?back\b", "restore", "the branch is put back"),
    (r"\bturn(?:s|ed)? (?:\w+ )?down\b", "decline", "a repair that was turned down"),
    (r"\bpass(?:es|ed)? over\b", "skip", "files that are passed over"),
    (r"\bgo(?:es)? on\b", "continue", "the next run goes on from there"),
    (r"\bbr(?:oke|eaks?) off\b", "fail", "cfn-lint broke off"),
    (r"\b(?:anew|afresh)\b", "again", "the findings are found anew"),
    (r"\b(?:told|tells?|asked|sa(?:id|ys)) of\b", "report, list, state", "findings that are not told of"),
    (r"\btells? (?:what|which|who|how|why|whether|all)\b", "show, report", "the summary tells which"),
    (r"\b(?:became|becomes?) of\b", "outcome, state, effect", "what became of each finding"),
    (r"\bcomes? (?:of|to the same)\b", "result, be equal", "JSON and YAML come to the same"),
    (r"\bstands? (?:in(?! for)|at|on|beside|between|below|under|there|where|alone)\b", "is", "it stands in the README"),
    (r"\bstands? in the way\b", "prevents", "what stands in the way"),
    (r"\btakes? (?!minutes|hours|long)(?:\S+ ){1,3}for (?:a|an|one)\b", "read as", "takes the text for a number"),
    (r"\b(?:one|an? \w+) a line\b", "one per line", "files and folders, one a line"),
    (r"\bwhoever\b", "name the actor", "whoever updates the stack must pass it"),
    (r"(?:^|[.:;] )Who (?!.*\?)", "which, that", "Who reads the export fails."),
    (
        r"\b(?:by|to|of|from|for|in) (?:\w+ )?(?:this|that|it|them|server) alone\b",
        "only",
        "it goes to that server alone",
    ),
    (r"\b(?:a|no) word (?:on|of|about)\b", "note, statement", "no word on who writes them"),
    (r"\b(?:heeds?|mend(?:s|ed)?|culprit|manners)\b", "respect, repair, patch at fault", "look and mend by hand"),
    (r"\bfor want of\b", "without", "skipped for want of a value"),
    (r"\b(?:hands?|handed) over\b", "return, pass", "fixer hands over a diff"),
    (r"\w ,", "no space before a comma", "a stack , mildest first"),
    (r"[a-z]\. (?:which|what|who|made|values)\b", "a capital after a full stop", "read together. which is which"),
)
"""Habits that are not the English of technical documentation, each with what to write instead and an example."""


def _commands() -> Iterator[tuple[str, str]]:
    """The help of fixer and of each command, without line breaks."""
    context = click.Context(cli, info_name="fixer")
    yield "fixer --help", " ".join(cli.get_help(context).split())
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command
        text = command.get_help(click.Context(command, parent=context, info_name=name))
        yield f"fixer {name} --help", " ".join(text.split())


def _transforms() -> Iterator[tuple[str, str]]:
    for transform in (*TRANSFORMS, *pack_transforms()):
        yield transform.id, " ".join(transform.doc.split())
        for option in transform.options:
            yield f"{transform.id}.{option.name}", option.help


def _pages() -> Iterator[tuple[str, str]]:
    """Paragraph by paragraph, without code blocks and code spans."""
    files = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "action.yml"]
    for file in (*files, ROOT / ".pre-commit-hooks.yaml", ROOT / "examples" / "README.md"):
        text = re.sub(r"^```.*?^```|^ {4}.*?$|`[^`\n]*`", "X", file.read_text(encoding="utf-8"), flags=re.S | re.M)
        for paragraph in re.split(r"\n\s*\n|\n(?=[-|#] ?)", text):
            yield file.name, " ".join(paragraph.split())


def _strings(file: Path) -> Iterator[tuple[str, str]]:
    """The texts of a module: strings of several words, f-strings with X for each value, no private docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    hidden = {id(part) for node in ast.walk(tree) for part in _hidden(node)}
    for node in ast.walk(tree):
        if id(node) not in hidden and isinstance(node, (ast.Constant, ast.JoinedStr)):
            parts = [node] if isinstance(node, ast.Constant) else node.values
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in parts)
            if text.count(" ") > 1:
                yield f"{file.relative_to(ROOT)}:{node.lineno}", " ".join(text.split())


def _hidden(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an f-string, which count as a whole, and the docstring of a private class or function."""
    if isinstance(node, ast.JoinedStr):
        yield from (part for part in ast.walk(node) if part is not node)
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name.startswith("_"):
        first = node.body[0]
        if isinstance(first, ast.Expr):
            yield first.value


MODULES = sorted((ROOT / "fixer").rglob("*.py"))
TEXTS = [*_commands(), *_transforms(), *_pages(), *(text for file in MODULES for text in _strings(file))]


@pytest.mark.parametrize(("pattern", "instead", "example"), AVOID, ids=[example for _, _, example in AVOID])
def test_no_text_has_the_phrase(pattern: str, instead: str, example: str) -> None:
    assert re.search(pattern, example), "the example shows the phrase"
    found = [f"{place}: {_shown(hit)}" for place, text in TEXTS if (hit := re.search(pattern, text))]
    assert not found, f"write: {instead}\n" + "\n".join(found)


def _shown(hit: re.Match[str]) -> str:
    """The phrase with some text around it."""
    return hit.string[max(0, hit.start() - 50) : hit.end() + 50]


def test_texts_of_every_kind_are_read() -> None:
    places = {place.partition(":")[0] for place, _ in TEXTS}
    assert {"fixer --help", "fixer apply --help", "missing-vpc", "missing-vpc.cidr", "README.md", "safety.md"} <= places
    assert {"fixer/errors.py", "fixer/report/text.py", "fixer/transforms/ec2/missing_vpc.py"} <= places
    assert any(text.startswith("cfn-lint also reports X:") for text in (text.strip() for _, text in TEXTS))
