"""The review on a real pseudo-terminal, with a real editor, a real journal, and keys as a person presses them."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "lib" / "TapStack.json"
FIXER = [sys.executable, "-m", "fixer"]
PROMPT = r"(?:Apply this patch|Set the value)\?.* \[[a-zA-Z,?/|]+\] "
EDITOR = """\
import pathlib, sys
file = pathlib.Path(sys.argv[1])
turn = pathlib.Path(sys.argv[0]).with_suffix(".turn")
if not turn.exists():
    turn.write_text("")
    file.write_text("[{")
else:
    file.write_text(pathlib.Path(sys.argv[0]).with_suffix(".patch").read_text())
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))
    (tmp_path / ".git").mkdir()
    shutil.copyfile(EXAMPLE, "stack.json")
    return tmp_path


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Person:
    """Somebody at a terminal of 40 lines and 100 columns."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        environment = {**os.environ, "TERM": "xterm", "PYTHONSAFEPATH": "1", **environment}
        command = [*FIXER[1:], "apply", "stack.json", "--review", *arguments]
        self.child = pexpect.spawn(
            FIXER[0],
            command,
            encoding="utf-8",
            dimensions=(40, 100),
            timeout=60,
            env=environment,
            # A test run in the background of a shell hands on that it ignores Ctrl-C.
            preexec_fn=_heed_ctrl_c,
        )

    def until_asked(self) -> str:
        """What is shown up to the next prompt."""
        self.child.expect(PROMPT)
        return str(self.child.before) + str(self.child.after)

    def hits(self, key: str) -> None:
        """Presses a key once the program reads single keys: before that, the terminal throws it away."""
        until = time.monotonic() + 60
        while termios.tcgetattr(self.child.child_fd)[3] & termios.ICANON:
            assert time.monotonic() < until
            time.sleep(0.01)
        self.child.send(key)

    def presses(self, key: str) -> str:
        self.hits(key)
        return self.until_asked()

    def enters(self, text: str) -> str:
        """Answers a question that takes a line."""
        self.child.sendline(text)
        return self.until_asked()

    def ends(self, key: str = "") -> tuple[int, str]:
        """The exit code, and what is shown to the end, once the key is pressed."""
        if key:
            self.hits(key)
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus or 0), str(self.child.before)


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


@pytest.fixture
def editor(here: Path) -> Iterator[str]:
    """An editor that first leaves nonsense, then the patch in editor.patch."""
    script = here / "editor.py"
    script.write_text(EDITOR)
    yield f"{sys.executable} {script}"


def test_accept_skip_edit_set_undo_and_write(here: Path, editor: str) -> None:
    person = Person("--no-lint", EDITOR=editor, VISUAL=editor)
    first = _plain(person.until_asked())
    assert "stack.json:78:5" in first
    assert "noecho-username review (1/6)" in first
    assert '+      "MaxLength": 16,' in first
    assert "Impact updates parameter DBUsername" in first
    assert "undo the last decision" not in _plain(person.presses("?"))
    assert "Why it fails" in _plain(person.presses("d"))
    patch = [
        {"op": "add", "path": "/Parameters/DBUsername/MinLength", "value": 1},
        {"op": "add", "path": "/Parameters/DBUsername/MaxLength", "value": 12},
        {"op": "add", "path": "/Parameters/DBUsername/AllowedPattern", "value": "[a-z]+"},
    ]
    (here / "editor.patch").write_text(json.dumps(patch))
    person.hits("e")
    person.child.expect("Edit it again")
    assert "the patch:1:3: " in str(person.child.before)
    second = _plain(person.enters("y"))
    assert "NoEcho on DBUsername: a user name is not a secret" in second
    assert '       "MaxLength": 12,' in second
    third = _plain(person.presses("n"))
    assert "permissive-ingress needs-value" in third
    person.hits("v")
    person.child.expect(r"leave empty to cancel\): ")
    asked = _plain(person.enters("10.9.0.0/16"))
    assert '"CidrIp"' in asked
    assert "review" in asked
    fourth = _plain(person.presses("y"))
    assert "topic-without-subscription" in fourth
    again = _plain(person.presses("u"))
    assert "permissive-ingress" in again
    assert "10.9.0.0/16" in again
    person.presses("y")
    person.presses("s")
    last = _plain(person.presses("y"))
    assert "health-check-parameter" in last
    code, told = person.ends("w")
    assert code == 0
    assert "3 applied, 1 waiting for a value, 2 skipped" in _plain(told)
    after = json.loads((here / "stack.json").read_text())
    assert after["Parameters"]["DBUsername"]["MaxLength"] == 12
    assert after["Parameters"]["DBUsername"]["NoEcho"] is True
    assert after["Parameters"]["VpcCidr"]["Default"] == "10.9.0.0/16"
    decisions = json.loads((here / ".fixer" / "decisions.json").read_text())["skipped"]
    assert [entry["id"] for entry in decisions] == ["noecho-username", "topic-without-subscription"]
    history = subprocess.run([*FIXER, "history"], capture_output=True, text=True, check=True)
    assert "written  stack.json  (calculated-health-check, noecho-username, permissive-ingress)" in history.stdout
    subprocess.run([*FIXER, "undo"], check=True, capture_output=True)
    assert (here / "stack.json").read_bytes() == EXAMPLE.read_bytes()


def test_a_second_review_asks_only_what_was_not_skipped(here: Path) -> None:
    person = Person("--no-lint")
    person.until_asked()
    for key in "ssss":
        person.presses(key)
    assert person.ends("s")[0] == 0
    code, told = Person("--no-lint").ends()
    assert code == 0
    assert "in a review; --include-skipped" in _plain(told).replace("\r\n", " ").replace("  ", "")
    forgetful = Person("--no-lint", "--forget")
    assert "(1/6)" in _plain(forgetful.until_asked())
    assert forgetful.ends("q")[0] == 1


@pytest.mark.parametrize("way", ["q", "\x04", "\x03"], ids=["q", "ctrl-d", "ctrl-c"])
def test_every_way_out_keeps_the_decisions(here: Path, way: str) -> None:
    person = Person("--no-lint")
    person.until_asked()
    person.presses("y")
    person.hits(way)
    if way != "\x03":
        person.child.expect(r"Write the 1 accepted patch \(y\), only keep the decisions \(n\)")
        person.child.sendline("n")
    code, told = person.ends()
    assert (code, "othing was written" in told) == (130 if way == "\x03" else 1, True)
    assert (here / "stack.json").read_bytes() == EXAMPLE.read_bytes()
    assert not (here / ".fixer").exists()
    again = Person("--no-lint")
    shown = _plain(again.until_asked())
    assert "1 decided earlier" in shown
    assert "(2/6)" in shown
    again.hits("q")
    again.child.expect("accepted patch")
    again.child.sendline("y")
    code, told = again.ends()
    assert "1 applied" in _plain(told)
    assert (here / "stack.json").read_bytes() != EXAMPLE.read_bytes()


def test_ctrl_c_and_ctrl_d_at_a_value_go_back_to_the_question(here: Path) -> None:
    person = Person("--no-lint")
    person.until_asked()
    person.presses("s")
    for way in ("\x03", "\x04"):
        person.hits("v")
        person.child.expect(r"leave empty to cancel\): ")
        person.child.send(way)
        assert "permissive-ingress" in _plain(person.until_asked())
    assert person.ends("q")[0] == 1


@pytest.mark.parametrize("command", ["false", "no-such-editor-anywhere"])
def test_an_editor_that_fails_loses_nothing(here: Path, command: str) -> None:
    person = Person("--no-lint", EDITOR=command, VISUAL=command)
    person.until_asked()
    person.presses("y")
    for key in ("e", "E"):
        shown = _plain(person.presses(key))
        assert "Nothing is changed: " in shown
        assert "(2/6)" in shown
    assert "1 applied" in _plain(person.ends("w")[1])


def test_the_text_itself_can_be_edited(here: Path) -> None:
    script = here / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "file = pathlib.Path(sys.argv[1])\n"
        "file.write_text(file.read_text().replace('\"MaxLength\": 16', '\"MaxLength\": 11'))\n"
    )
    person = Person("--no-lint", EDITOR=f"{sys.executable} {script}", VISUAL=f"{sys.executable} {script}")
    person.until_asked()
    shown = _plain(person.presses("E"))
    assert "(2/6)" in shown
    assert "1 applied" in _plain(person.ends("w")[1])
    assert json.loads((here / "stack.json").read_text())["Parameters"]["DBUsername"]["MaxLength"] == 11


def test_views_and_moves(here: Path) -> None:
    person = Person("--no-lint", PAGER="cat")
    first = _plain(person.until_asked())
    title = "noecho-username review (1/6)"
    assert first.count(title) == 2  # above the finding, and in the question
    assert "What" in _plain(person.presses("p"))
    columns = _plain(person.presses("|"))
    assert '"NoEcho": true' in columns and '"MaxLength": 16' in columns
    assert "What" in _plain(person.presses("P"))
    person.hits("/")
    person.child.expect("Search for")
    assert "topic-without-subscription" in _plain(person.enters("TOPIC-without"))
    assert "permissive-ingress" in _plain(person.presses("k"))
    person.hits("g")
    person.child.expect("Number")
    assert title in _plain(person.enters("1"))
    person.hits("t")
    person.child.expect("of tier review")
    person.child.sendline("c")
    assert title in _plain(person.until_asked())
    assert person.ends("q")[0] == 1


def test_ctrl_c_while_it_works_writes_nothing(here: Path) -> None:
    person = Person(NO_COLOR="1")
    person.child.expect(["repairing", PROMPT])
    person.child.send("\x03")
    code, told = person.ends()
    assert code == 130
    assert "Traceback" not in told
    assert (here / "stack.json").read_bytes() == EXAMPLE.read_bytes()


def test_lint_takes_part_and_colour_can_be_off(here: Path) -> None:
    person = Person(NO_COLOR="1")
    shown = person.until_asked()
    assert "\x1b[3" not in shown.split("stack.json")[1]
    person.presses("y")
    code, told = person.ends("w")
    assert code == 0
    assert "none new" in told


def test_no_terminal_is_an_error_and_no_hang(here: Path) -> None:
    for arguments in (["stack.json"], ["-"]):
        done = subprocess.run(
            [*FIXER, "apply", *arguments, "--review"], input=b"y\n", capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 2
        assert b"must be a terminal" in done.stderr
