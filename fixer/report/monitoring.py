"""The monitoring that templates document, as Markdown between two markers of a README."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from fixer.cloudformation.databases import CLUSTER, INSTANCE, INTERVAL, STATEMENT
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.template import Template
from fixer.errors import BadConfig
from fixer.report.markdown import inline

BEGIN = "<!-- fixer report: begin (kept by `fixer report --inject`) -->"
END = "<!-- fixer report: end -->"


def statement(templates: Iterable[Template], folder: str) -> str:
    """A table of the databases whose Metadata states a required monitoring, with their actual interval; paths are
    relative to `folder`.
    """
    rows = [row for template in templates for row in _rows(template, folder)]
    if not rows:
        return "No database documents a required monitoring.\n"
    table = "| database | template | requirement | interval |\n|---|---|---|---|\n"
    return table + "".join(f"| {' | '.join(map(inline, row))} |\n" for row in rows)


def injected(text: str, statement: str, path: str) -> str:
    """The text with the statement between the markers, which are added at the end if there are none.

    Raises BadConfig if there is not exactly one of each marker, in this order.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    block = f"{BEGIN}\n{statement}{END}".replace("\n", newline)
    if BEGIN not in text and END not in text:
        gap = "" if not text else newline if text.endswith("\n") else newline * 2
        return f"{text}{gap}{block}{newline}"
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        raise BadConfig(f"must contain {BEGIN} once, followed by {END} once, or neither", path)
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: block, text, flags=re.S)


def _rows(template: Template, folder: str) -> Iterator[tuple[str, str, str, str]]:
    path = Path(os.path.relpath(template.path, folder)).as_posix()
    for database in template.of_type(INSTANCE, CLUSTER):
        stated = mapping(mapping(database.data.get("Metadata")).get(STATEMENT))
        if stated:
            seconds = template.literal(database.properties.get(INTERVAL, 0))
            interval = "set at deployment" if seconds is None else f"{seconds} seconds"
            differs = str(stated.get(INTERVAL)) != str(seconds) and seconds is not None
            warning = f", not the documented {stated.get(INTERVAL)}" if differs else ""
            yield database.logical_id, path, str(stated.get("Requirement", "")), interval + warning
