"""GitHub's own description of its API as a judge: a proxy that refuses requests and answers that it does not allow.

The description (npm: @octokit/openapi) is cut to what the bot uses and served by Prism (npm: @stoplight/prism-cli) in
front of the stand-in. Prism answers a request that it refuses with 422, and an answer of the stand-in that it refuses
with 500, and says what is wrong.
"""

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import npm
from standin import GitHub

USED = {
    "/repos/{owner}/{repo}": ("get",),
    "/repos/{owner}/{repo}/pulls": ("get", "post"),
    "/repos/{owner}/{repo}/pulls/{pull_number}": ("get", "patch"),
    "/repos/{owner}/{repo}/pulls/{pull_number}/files": ("get",),
    "/repos/{owner}/{repo}/pulls/{pull_number}/comments": ("get",),
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews": ("post",),
    "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers": ("post",),
    "/repos/{owner}/{repo}/issues/{issue_number}": ("get", "patch"),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("get", "post"),
    "/repos/{owner}/{repo}/commits/{ref}": ("get",),
}


def description(folder: Path) -> Path:
    """The part of GitHub's description that is used, as a file in the folder."""
    modules = npm.package("@octokit/openapi", "^23")
    whole = json.loads((modules / "@octokit/openapi/generated/api.github.com.json").read_text(encoding="utf-8"))
    paths = {
        path: {key: value for key, value in whole["paths"][path].items() if key in (*methods, "parameters")}
        for path, methods in USED.items()
    }
    cut: dict[str, Any] = {"openapi": whole["openapi"], "info": whole["info"], "paths": paths, "components": {}}
    waiting = [paths]
    while waiting:
        for reference in set(re.findall(r'"#/components/([^"]+)"', json.dumps(waiting.pop()))):
            kind, _, name = reference.partition("/")
            there = cut["components"].setdefault(kind, {})
            if name not in there:
                there[name] = whole["components"][kind][name]
                waiting.append(there[name])
    file = folder / "github.json"
    file.write_text(json.dumps(cut), encoding="utf-8")
    return file


@contextmanager
def judging(hub: GitHub, folder: Path) -> Iterator[str]:
    """Where the judged API is, while it runs. Skips where npm is not at hand."""
    described = description(folder)
    prism = npm.package("@stoplight/prism-cli", "^5") / ".bin" / "prism"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = ["--host", "127.0.0.1", "--port", str(port)]
    command = [str(prism), "proxy", *address, "--errors", str(described), hub.api]
    with (folder / "prism.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        _wait(port, process, folder / "prism.log")
        hub.shown_api = f"http://127.0.0.1:{port}"
        yield hub.shown_api
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/").close()
        except OSError as error:
            if hasattr(error, "code"):
                return
            time.sleep(0.1)
    raise RuntimeError(f"Prism does not start: {log.read_text()[-2000:]}")
