"""The levels hold: a module imports lower levels and its own package only (DESIGN, "Layout")."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEVELS = {
    "fixer": 0,
    "fixer.model": 0,
    "fixer.pointer": 0,
    "fixer.document": 1,
    "fixer.files": 1,
    "fixer.write": 1,
    "fixer.baseline": 1,
    "fixer.config": 1,
    "fixer.aws": 2,
    "fixer.intrinsics": 3,
    "fixer.template": 3,
    "fixer.touched": 3,
    "fixer.change": 4,
    "fixer.interface": 4,
    "fixer.parameter_files": 4,
    "fixer.project": 4,
    "fixer.requirements": 4,
    "fixer.review_document": 4,
    "fixer.context": 4,
    "fixer.domain": 4,
    "fixer.impact": 5,
    "fixer.transforms": 5,
    "fixer.selection": 6,
    "fixer.listed": 6,
    "fixer.verify": 6,
    "fixer.round": 6,
    "fixer.pipeline": 7,
    "fixer.report": 8,
    "fixer.journal": 8,
    "fixer.patch_file": 8,
    "fixer.parts": 8,
    "fixer.report_cache": 8,
    "fixer.decisions": 8,
    "fixer.review": 8,
    "fixer.run": 8,
    "fixer.terminal": 9,
    "fixer.bot": 9,
    "fixer.teaching": 9,
    "fixer.options": 9,
    "fixer.console": 9,
    "fixer.cli": 10,
    "fixer.__main__": 10,
}
ONLY_IMPORTERS = {
    "cfnlint": "fixer.aws",
    "yaml": "fixer.document",
    "ruamel": "fixer.document",
    "rich": "fixer.terminal",
    "github": "fixer.bot.hub",
}
MODULES = sorted(ROOT.glob("fixer/**/*.py"))


def _name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str:
    """The entry of LEVELS that a module belongs to."""
    return ".".join(module.split(".")[:2])


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: relative import"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in NAMES else node.module for name in inner)


NAMES = {_name(file) for file in MODULES}


@pytest.mark.parametrize("file", MODULES, ids=_name)
def test_imports_lower_levels_only(file: Path) -> None:
    own = _room(_name(file))
    for name in _imports(file):
        if name.split(".")[0] == "fixer" and (room := _room(name)) != own and room != "fixer":
            assert LEVELS[room] <= LEVELS[own], f"{own} (level {LEVELS[own]}) imports {room} (level {LEVELS[room]})"


def test_no_import_cycles() -> None:
    graph: dict[str, set[str]] = {}
    for file in MODULES:
        graph[_name(file)] = {name for name in _imports(file) if name in NAMES and name != _name(file)}

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        for other in sorted(graph.pop(module, ())):
            visit(other, (*trail, module))

    for module in list(graph):
        visit(module, ())


@pytest.mark.parametrize("file", MODULES, ids=_name)
def test_third_parties_have_one_importer(file: Path) -> None:
    for name in _imports(file):
        owner = ONLY_IMPORTERS.get(name.split(".")[0])
        assert owner is None or _name(file).startswith(owner), f"{name} belongs to {owner}"


def test_every_module_has_a_level() -> None:
    assert {_room(_name(file)) for file in MODULES} <= set(LEVELS)


@pytest.mark.parametrize("command", [["--help"], ["list"], ["explain", "noecho-username"]])
def test_cheap_commands_import_neither_cfn_lint_nor_yaml(command: list[str]) -> None:
    code = (
        "import sys; from fixer.cli import cli\n"
        f"try: cli.main({command!r}, prog_name='fixer')\n"
        "except SystemExit as left: assert not left.code, left.code\n"
        "loaded = sorted({m.split('.')[0] for m in sys.modules} & {'cfnlint', 'yaml', 'ruamel', 'jsonpatch', 'rich'})\n"
        "assert not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
