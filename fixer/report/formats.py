"""The formats for programs and platforms, by name."""

from collections.abc import Callable

from fixer.model import Report
from fixer.report import as_json, azure, github, gitlab, junit, markdown, sarif

FORMATS: dict[str, Callable[[Report], str]] = {
    "json": as_json.render,
    "sarif": sarif.render,
    "markdown": markdown.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "azure": azure.render,
    "junit": junit.render,
}
"""Name of a format to its renderer; text for people is in `fixer.report.readable`."""
