"""Makes the pictures in docs/images from the real program on a pseudo-terminal: python docs/capture.py."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pexpect
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
WIDTH = 100
PROMPT = r"\[[a-zA-Z,?/|]+\] $"


def screen(arguments: list[str], keys: str, folder: str) -> str:
    """What the command shows after the keys: from the last question on, or all if it asks none."""
    environment = {**os.environ, "TERM": "xterm-256color"}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "fixer", *arguments],
        cwd=folder,
        env=environment,
        encoding="utf-8",
        dimensions=(60, WIDTH),
        timeout=120,
    )
    shown = ""
    for key in keys:
        child.expect(PROMPT)
        shown = f"{child.before}{child.after}{key}"
        child.send(key)
    child.expect(pexpect.EOF)
    shown = shown or str(child.before)
    return shown.rpartition("\x1b[2K")[2].replace("\r\n", "\n").strip("\n")


def save(name: str, command: str, shown: str) -> None:
    """The picture of a command line and what it shows."""
    console = Console(width=WIDTH, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    console.print(Text.assemble(("$ ", "dim"), command))
    console.print(Text.from_ansi(shown))
    console.save_svg(str(ROOT / "docs" / "images" / name), title="fixer", unique_id=name.partition(".")[0])


def main() -> None:
    """Makes both pictures."""
    (ROOT / "docs" / "images").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples" / "lib", Path(folder) / "lib")
        save("review.svg", "fixer apply lib --review", screen(["apply", "lib", "--review"], "sssq", folder))
        save("apply.svg", "fixer apply lib --write", screen(["apply", "lib", "--write"], "", folder))


if __name__ == "__main__":
    main()
