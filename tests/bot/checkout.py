"""A user's checkout of the stand-in's repository, and the bot run in it."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import standin

from fixer.bot import command
from fixer.bot.remediation import Wishes
from fixer.inputs.failure_list import read
from fixer.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "lib" / "TapStack.json"


@dataclass
class Checkout:
    """A user's clone, and the bot run in it."""

    folder: Path
    hub: standin.GitHub
    said: list[str] = field(default_factory=list)

    def git(self, *arguments: str) -> str:
        """What git prints in the clone, with the user's own credentials."""
        header = f"http.extraheader=AUTHORIZATION: basic {standin.BASIC}"
        done = subprocess.run(
            ["git", "-c", header, *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout

    def commit(self, path: str, text: str | bytes, branch: str = "main") -> str:
        """A commit of one file, pushed to a branch of the remote."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", f"Change {path}")
        self.git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        return self.git("rev-parse", "HEAD").strip()

    def pr(
        self,
        *paths: str,
        suggest: int | None = None,
        select: tuple[str, ...] = (),
        unsafe: bool = False,
        failures: str = "",
        **wishes: Any,
    ) -> str:
        """Runs `fixer pr` and returns what it said; `failures` is the text of a failure list."""
        self.said = []
        listed = tuple(replace(each, path="REVIEW.md") for each in read(failures))
        settings = Settings(lint=False, cache=False, select=select, unsafe=unsafe, failures=listed)
        command.run(Wishes(paths, **wishes), suggest, "", lambda folder: settings, self.said.append)
        return "\n".join(self.said)


Answer = Callable[[str, str, Any], "standin.Reply | None"]


def once(method: str, path: str, *replies: standin.Reply) -> Answer:
    """A fault: these answers to the first requests of that kind, the right ones afterwards."""
    left = list(replies)

    def answer(asked: str, at: str, body: Any) -> standin.Reply | None:
        return left.pop(0) if left and asked == method and path in at else None

    return answer
