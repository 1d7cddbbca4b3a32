"""Comments with suggestions on a pull request of another author.

GitHub accepts comments only on lines that the pull request shows, and a suggestion replaces whole lines. Repairs of
other lines, or of several files, are listed in the text of the review instead. A suggestion is not repeated.

Source: https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests
"""

import re
from collections.abc import Collection
from contextlib import chdir
from dataclasses import dataclass

from fixer.bot.checkout import confined, with_settings_of, without_escapes
from fixer.bot.git import Git
from fixer.bot.github import Comment, Hub
from fixer.bot.remediation import Say, SettingsOf, Wishes
from fixer.bot.worktrees import worktree
from fixer.document.edits import apply_edits
from fixer.model import Edit, Report, Resolution
from fixer.report import markdown
from fixer.report.effects import impact_of
from fixer.report.replay import Repair, repairs
from fixer.run import commands as run

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_MARK = "<!-- fixer-bot suggests {fix} -->"


@dataclass(frozen=True)
class Lines:
    """Lines `start` to `end` of a text, from 1, and their new text."""

    start: int
    end: int
    text: str


def suggest(git: Git, hub: Hub, wishes: Wishes, number: int, settings_of: SettingsOf, say: Say) -> int:
    """Suggests repairs of the templates at the head of a pull request; returns their number. Raises FixerError."""
    pull = hub.pull(number)
    git.fetch(wishes.remote, f"refs/pull/{number}/head")
    with worktree(git, pull.head) as tree:
        without_escapes(tree.folder)
        git.fetch(wishes.remote, f"refs/heads/{pull.base}")
        with_settings_of(tree, git.heads(wishes.remote, pull.base)[pull.base])
        settings = confined(settings_of(tree.folder), tree.folder)
        with chdir(tree.folder):
            report = run.apply(list(wishes.paths) or ["."], settings)
    shown = {path: visible(patch) for path, patch in hub.patches(pull).items()}
    earlier = "\n".join(hub.review_comments(pull))
    comments: list[Comment] = []
    others: list[Resolution] = []
    for repair in repairs(report):
        if not set(repair.edits) & set(shown) or _mark(repair) in earlier:
            continue
        comment = _comment(report, repair, shown)
        if comment:
            comments.append(comment)
        else:
            others += repair.resolutions
    if not comments:
        say(f"nothing new to suggest on {pull.url}")
        return 0
    if wishes.dry_run:
        for comment in comments:
            say(f"would suggest on {comment.path}:{comment.line}:\n{comment.body}\n")
        return len(comments)
    hub.review(pull, _body(others), comments)
    say(f"{len(comments)} suggested on {pull.url}")
    return len(comments)


def visible(patch: str) -> frozenset[int]:
    """The lines of the new text that the hunks of a patch show."""
    lines: set[int] = set()
    at = 0
    for line in patch.split("\n"):
        if found := _HUNK.match(line):
            at = int(found[1])
        elif at and not line.startswith(("-", "\\")):
            lines.add(at)
            at += 1
    return frozenset(lines)


def whole_lines(text: str, edits: Collection[Edit]) -> Lines:
    """The lines that edits change, and their new text."""
    ordered = sorted(edits, key=lambda edit: edit.start)
    last = ordered[-1]
    begin = text.rfind("\n", 0, ordered[0].start) + 1
    takes_lines = last.old.endswith("\n") and (last.new.endswith("\n") or (not last.new and last.start == begin))
    stop = last.end if takes_lines else text.find("\n", last.end) + 1 or len(text)
    inside = text[begin:stop]
    moved = [Edit(edit.start - begin, edit.end - begin, edit.old, edit.new) for edit in ordered]
    number = text.count("\n", 0, begin) + 1
    return Lines(number, number + inside.removesuffix("\n").count("\n"), apply_edits(inside, moved).removesuffix("\n"))


def _comment(report: Report, repair: Repair, shown: dict[str, frozenset[int]]) -> Comment | None:
    """The comment for a repair of one place, if the pull request shows that place."""
    if len(repair.edits) != 1:
        return None
    [(path, edits)] = repair.edits.items()
    text = next(template.before for template in report.templates if template.path == path)
    lines = whole_lines(text, edits)
    if not set(range(lines.start, lines.end + 1)) <= shown.get(path, frozenset()):
        return None
    parts = [_said(each) for each in repair.resolutions]
    # An empty suggestion removes the lines; an empty line between the fences would stay a line.
    suggestion = markdown.fenced(lines.text.replace("\r", ""), "suggestion") if lines.text else "```suggestion\n```"
    return Comment(path, lines.start, lines.end, "\n\n".join([*parts, suggestion, _mark(repair)]))


def _said(each: Resolution) -> str:
    impact = markdown.inline(impact_of(each, each.finding.path))
    notes = "".join(f" {markdown.inline(note)}" for note in each.notes)
    return f"**{each.finding.id}** [{each.tier}]: {markdown.inline(each.finding.message)}. Impact: {impact}.{notes}"


def _body(others: Collection[Resolution]) -> str:
    lines = "".join(f"- {_said(each)}\n" for each in others)
    rest = f"\n\nThese repairs do not fit into a suggestion; `fixer apply` makes them:\n\n{lines}" if others else ""
    return f"fixer suggests these repairs. Each of them is proven separately.{rest}"


def _mark(repair: Repair) -> str:
    return _MARK.format(fix="+".join(each.finding.fix(each.patches) for each in repair.resolutions))
