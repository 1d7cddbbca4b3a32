"""The rooms hold: a module imports its own room and lower rooms only."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = (
    ("errors",),
    ("model",),
    ("pointer", "settings", "json_file"),
    ("document", "aws"),
    ("cloudformation",),
    ("resolution",),
    ("authoring", "inputs", "impact", "mending"),
    ("outputs",),
    ("transforms",),
    ("engine",),
    ("report",),
    ("review",),
    ("run",),
    ("bot",),
    ("cli",),
    ("__main__",),
)
"""The rooms, one row per height, from the ground up. A module imports its own room and lower rows only."""

HEIGHT = {f"fixer.{room}": height for height, row in enumerate(ROOMS) for room in row}
ONLY_IMPORTERS = {
    "cfnlint": "fixer.aws",
    "samtranslator": "fixer.aws.sam",
    "cloudformation_validate": "fixer.aws",
    "yaml": "fixer.document",
    "ruamel": "fixer.document",
    "rich": "fixer.review",
    "github": "fixer.bot.github",
}
MODULES = sorted(ROOT.glob("fixer/**/*.py"))


def _name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str:
    """The room that a module belongs to."""
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
def test_imports_lower_rooms_only(file: Path) -> None:
    own = _room(_name(file))
    for name in _imports(file):
        if name.split(".")[0] == "fixer" and (room := _room(name)) not in (own, "fixer"):
            assert HEIGHT[room] < HEIGHT[own], f"{_name(file)} imports {name}, which is not in a lower room"


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


def test_every_module_has_a_room() -> None:
    assert {_room(_name(file)) for file in MODULES} == {*HEIGHT, "fixer"}


def test_at_most_five_modules_stand_outside_of_the_rooms() -> None:
    loose = {file.stem for file in ROOT.glob("fixer/*.py")} - {"__init__", "__main__"}
    assert len(loose) <= 5, sorted(loose)


@pytest.mark.parametrize("command", [["--help"], ["list"], ["explain", "noecho-username"]])
def test_cheap_commands_import_neither_cfn_lint_nor_yaml(command: list[str]) -> None:
    code = (
        "import sys; from fixer.cli.main import cli\n"
        f"try: cli.main({command!r}, prog_name='fixer')\n"
        "except SystemExit as left: assert not left.code, left.code\n"
        "loaded = sorted({m.split('.')[0] for m in sys.modules} & {'cfnlint', 'yaml', 'ruamel', 'jsonpatch', 'rich'})\n"
        "assert not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
