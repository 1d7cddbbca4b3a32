"""Applies the fixes of a SARIF log to the files that it names, without fixer: python apply_sarif.py LOG FOLDER."""

import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote


def offset(lines: list[str], line: int, column: int) -> int:
    return sum(map(len, lines[: line - 1])) + column - 1


def apply(log: dict[str, Any], folder: Path) -> None:
    changes: dict[str, list[dict[str, Any]]] = {}
    for result in log["runs"][0]["results"]:
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                changes.setdefault(unquote(change["artifactLocation"]["uri"]), []).extend(change["replacements"])
    for uri, replacements in changes.items():
        file = folder / uri
        text = file.read_bytes().decode("utf-8")
        mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
        lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text)
        for each in sorted(replacements, key=lambda each: -offset(lines, *start(each["deletedRegion"]))):
            region = each["deletedRegion"]
            begin, end = offset(lines, *start(region)), offset(lines, region["endLine"], region["endColumn"])
            text = text[:begin] + each["insertedContent"]["text"] + text[end:]
        file.write_bytes((mark + text).encode("utf-8"))


def start(region: dict[str, Any]) -> tuple[int, int]:
    return region["startLine"], region["startColumn"]


if __name__ == "__main__":
    apply(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
