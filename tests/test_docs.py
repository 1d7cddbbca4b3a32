"""The documentation: generated pages are fresh, links lead somewhere, commands exist, the recipe works."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from fixer.cli.main import cli
from fixer.inputs import failure_list
from fixer.transforms import TRANSFORMS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if "_build" not in page.parts)


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_as_the_generator_writes_them() -> None:
    assert [str(path) for path in _generator().stale()] == [], "run: python docs/generate.py"


def test_every_transform_has_its_page_with_an_example() -> None:
    for transform in TRANSFORMS:
        text = (DOCS / "transforms" / f"{transform.id}.md").read_text()
        for part in ("## Why it fails", "## What the fix does", "```diff\n", "Impact on a stack", "## References"):
            assert part in text, transform.id


def test_every_rule_and_failure_is_in_an_index() -> None:
    rules = {rule for transform in TRANSFORMS for rule in transform.rules}
    assert all(f"| [{rule}](" in (DOCS / "by-rule.md").read_text() for rule in rules)
    assert all(f"[{transform.id}](" in (DOCS / "by-failure.md").read_text() for transform in TRANSFORMS)


def _review_page() -> tuple[str, list[tuple[str, str]]]:
    """The page about reviews, and its commands with what they print."""
    text = (DOCS / "reviews.md").read_text()
    return text, re.findall(r"```console\n\$ fixer (.*?)\n(.*?)```", text, flags=re.S)


def test_the_example_of_a_review_is_what_fixer_does(tmp_path: Path) -> None:
    text, commands = _review_page()
    for name, pattern in (("stack.yaml", r"```yaml\n(.*?)```"), ("REVIEW.md", r"````markdown\n(.*?)````")):
        found = re.search(pattern, text, flags=re.S)
        assert found
        (tmp_path / name).write_text(found[1])
    assert len(commands) == 2
    for arguments, shown in commands:
        done = subprocess.run(
            [sys.executable, "-m", "fixer", *shlex.split(arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        told = done.stdout + (done.stderr.splitlines(keepends=True)[-1] if "map" in arguments else "")
        assert shown == told, "the page must show what fixer prints"


def test_the_form_of_a_review_can_be_read() -> None:
    text, _ = _review_page()
    form = re.findall(r"````markdown\n(.*?)````", text, flags=re.S)[1]
    first, second = failure_list.read(form)
    assert (first.impact, second.number) == ("high", 2)
    [pair] = first.pairs
    assert pair.faulty and pair.corrected


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = page if not path else (page.parent / path).resolve()
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", found.read_text(), re.M)
            assert anchor in {_anchor(heading) for heading in headings}, target


def _shell_lines(page: Path) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.S | re.M)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]


COMMANDS = [line for page in [*PAGES, ROOT / "README.md"] for line in _shell_lines(page) if line.startswith("fixer ")]


@pytest.mark.parametrize("line", sorted(set(COMMANDS) - {"fixer explain long-display-name"}))
def test_commands_exist_with_their_options(line: str) -> None:
    name, command, rest = cli.resolve_command(click.Context(cli), shlex.split(line)[1:])
    assert name and command
    command.make_context(name, list(rest))


def test_the_recipe_works_to_the_letter(tmp_path: Path) -> None:
    for name in ("fixer", "docs", "patches", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "_build"))
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    text = (DOCS / "writing-a-transform.md").read_text()
    steps = re.findall(r"^(?:`([\w/.\-]+)`:\n\n)?```(\w+)\n(.*?)^```", text, re.S | re.M)
    assert sum(1 for path, _, _ in steps if path) == 4
    python = shlex.quote(sys.executable)
    environment = {key: value for key, value in os.environ.items() if key not in ("CI", "PYTHONSAFEPATH")}
    for path, language, body in steps:
        if path:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(body)
        elif language == "sh":
            script = re.sub(r"^python ", f"{python} ", body, flags=re.M)
            script = re.sub(r"^fixer ", f"{python} -m fixer ", script, flags=re.M)
            done = subprocess.run(
                ["bash", "-euc", script],
                cwd=tmp_path,
                env={**environment, "PYTHONPATH": str(tmp_path)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
    after = (tmp_path / "tests/golden/long-display-name/cut.after.yaml").read_text()
    assert "DisplayName: DB alerts # shown in text messages" in after
    assert (tmp_path / "docs/transforms/long-display-name.md").exists()
