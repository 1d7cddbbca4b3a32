"""The formats for programs and platforms, by name."""

from collections.abc import Callable

from fixer.model import Report
from fixer.report import as_json, github, markdown, sarif

FORMATS: dict[str, Callable[[Report], str]] = {
    "json": as_json.render,
    "sarif": sarif.render,
    "markdown": markdown.render,
    "github": github.render,
}
"""Name of a format to its renderer; text for people is in `fixer.report.text`."""
