"""The texts of the bot: titles, bodies, commit messages, and the mark by which it recognises its own pull requests.

Text from the repository is data here too (see `fixer.report.markdown`).
"""

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fixer.model import Report, Tier
from fixer.report import markdown

BODY_LIMIT = 65_000
"""Characters; GitHub accepts 65,536."""

_MOST_FIXES = 2_000
"""Digests in a mark, which then has 40,000 characters."""

_LEAST = 2_000
"""Characters that a report needs to say anything."""

INTRODUCTION = """\
fixer found failures in these templates and repaired them. Each patch is proven separately: the new text has exactly the
patched data, the failure is gone, and cfn-lint reports nothing new. fixer does *not* know how a deployed stack differs
from its template. Before you deploy, read the impact of each repair and check the change set.

"""

_MARK = re.compile(r"<!-- fixer-bot (\{[^\n]*\}) -->")


@dataclass(frozen=True)
class Mark:
    """The record in a pull request: the digests of the fixes that it offers."""

    fixes: frozenset[str]

    def __str__(self) -> str:
        return f"<!-- fixer-bot {json.dumps({'version': 1, 'fixes': sorted(self.fixes)})} -->"


def mark_in(body: str) -> Mark | None:
    """The mark in a body; None if there is none. It is the last one, because the text above it may come from a
    template.
    """
    found = _MARK.findall(body)
    try:
        document = json.loads(found[-1]) if found else {}
        return Mark(frozenset(map(str, document["fixes"]))) if document["version"] == 1 else None
    except (ValueError, KeyError, TypeError):
        return None


def title(report: Report, transform: str = "") -> str:
    """The title of the pull request and the first line of the commit."""
    fixes = [each for each in report.resolutions if each.order]
    files = {path for each in fixes for path in each.patches}
    what = f"{transform}: " if transform else ""
    return f"{what}Repair {_count(len(fixes), 'finding')} in {_count(len(files), 'CloudFormation template')}"


def message(report: Report, transform: str = "") -> str:
    """The commit message: the transform and the place of each repair."""
    lines = [
        f"- {each.finding.id}: {_line(each.finding.path)}:{each.position.line}"
        for each in report.resolutions
        if each.order
    ]
    return f"{title(report, transform)}\n\n" + "\n".join(lines)


def body(report: Report, command: Iterable[str], declined: int, repository_paths: Iterable[str]) -> str:
    """The body of the pull request: the report, how to reproduce it, how to keep a finding, and the mark."""
    paths = [_argument(path) for path in repository_paths] or ["."]
    reproduce = " ".join(["fixer apply", *paths, *map(shlex.quote, command), "--write"])
    tail = [
        _others(report),
        f"### Reproduce it\n\n{markdown.fenced(reproduce, 'sh')}\n\n",
        "### Keep a finding\n\n"
        "If you close this pull request, fixer does not offer these repairs again until they change. To suppress one\n"
        "finding, add this to the `Metadata` of the template or of the resource:\n\n"
        '```json\n{"fixer": {"ignore": [{"id": "TRANSFORM", "reason": "why", "until": "2030-01-01"}]}}\n```\n\n',
        f"{_count(declined, 'fix', 'fixes')} that closed pull requests offered are left out.\n\n" if declined else "",
        str(Mark(frozenset(list(_offered(report))[:_MOST_FIXES]))) + "\n",
    ]
    end = "".join(tail)
    if len(end) > BODY_LIMIT // 2:  # Long paths and values: what remains to be applied is in `fixer check`.
        end = "".join(tail[1:])
    room = BODY_LIMIT - len(end) - len(INTRODUCTION)
    return INTRODUCTION + (markdown.render(report, room) if room > _LEAST else "") + end


def _offered(report: Report) -> Iterator[str]:
    """The digests of the fixes that the pull request offers."""
    return (each.finding.fix(each.patches) for each in report.resolutions if each.order)


def _others(report: Report) -> str:
    """The commands that apply the remaining repairs, which need a value or a flag."""
    lines = []
    for each in report.resolutions:
        if each.order:
            continue
        target = f"fixer apply {_argument(each.finding.path)} --select {each.finding.id} --write"
        if each.wants:
            lines.append(f"{target} {' '.join(f'--set {shlex.quote(want)}' for want in each.wants)}")
        elif each.tier is Tier.UNSAFE and each.patches:
            lines.append(f"{target} --unsafe")
    unique = list(dict.fromkeys(lines))[:50]
    return f"\n### Apply the remaining repairs\n\n{markdown.fenced(chr(10).join(unique), 'sh')}\n\n" if unique else ""


def _argument(path: str) -> str:
    """A path as an argument in a shell, which is never read as an option."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)


def _line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", "?", text)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
