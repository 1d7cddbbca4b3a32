"""A running emulator and what is in it: the process, its address, its log, and the stacks."""

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

HARMLESS = re.compile(r'" (?!5)\d{3} -$|development server|Running on|CTRL\+C|^\s*$')
"""Lines of the server's log that say that all is well."""


class NotProven(AssertionError):
    """A template that the emulator took, or would have taken, and CloudFormation would not."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack: where it is, its outputs, and logical id to physical id and type of its resources."""

    name: str
    region: str
    outputs: Mapping[str, str]
    physical: Mapping[str, str]
    types: Mapping[str, str]

    def of_type(self, kind: str) -> list[str]:
        """The physical ids of the resources of a type."""
        return [self.physical[name] for name, each in self.types.items() if each == kind]


@dataclass
class Cloud:
    """A running emulator: its address, its log, and how much of the log has been read."""

    endpoint: str
    log: Path
    read: int = 0
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str) -> Any:
        """A boto3 client of the emulator that never repeats a request."""
        if (service, region) not in self.clients:
            self.clients[service, region] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
                config=Config(retries={"total_max_attempts": 1}, read_timeout=30),
            )
        return self.clients[service, region]

    def reset(self) -> None:
        """Empties the emulated account."""
        urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/moto-api/reset", method="POST")).read()

    def complaints(self) -> list[str]:
        """What the server wrote since it was last asked, but for requests that it answered below 500."""
        text = self.log.read_text()
        new, self.read = text[self.read :], len(text)
        return [line for line in new.splitlines() if not HARMLESS.search(line)]


def start(folder: Path) -> tuple[subprocess.Popen[bytes], Cloud]:
    """The emulator as a process on a free port of 127.0.0.1, answering, and the cloud behind it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "emulator.log"
    with log.open("wb") as sink:
        command = [sys.executable, str(Path(__file__).with_name("emulator.py")), str(port)]
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT)
    cloud = Cloud(f"http://127.0.0.1:{port}", log)
    for _ in range(300):
        try:
            cloud.reset()
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return process, cloud
    stop(process)
    raise RuntimeError(f"the emulator does not answer: {log.read_text()[-2000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the process, by its own id."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
