"""Edits of YAML containers in flow style: `[a, b]` and `{a: b}`."""

from collections.abc import Sequence
from dataclasses import dataclass

from fixer.document.source import Draft, Drafts, Entry, Splice, SpliceKind
from fixer.document.yaml_comments import Comments
from fixer.document.yaml_quotes import Like, neighbours_like
from fixer.document.yaml_style import YamlStyle
from fixer.document.yaml_tree import YamlNode


@dataclass(frozen=True)
class Flow:
    """How entries in flow style are written, replaced and removed in one text."""

    comments: Comments
    style: YamlStyle

    def replace(self, old: YamlNode, draft: Draft, like: Like) -> Splice:
        """Writes another value in the place of one."""
        text = self.style.flow(draft, like=like)
        if old.start == old.end and self.comments.text[old.start - 1] == ":":
            text = f" {text}"
        elif old.start == old.end:
            text = f": {text}"
        return Splice(old.start, old.end, text, SpliceKind.VALUE)

    def insert(self, container: YamlNode, before: Entry | None, near: Entry, drafts: Drafts) -> Splice:
        """Writes new entries behind the one before or, if there is none, in front of the one that is `near`."""
        texts = [
            (f"{self.style.key(key)}: " if key is not None else "")
            + self.style.flow(draft, like=neighbours_like(container, near, draft))
            for key, draft in drafts
        ]
        entries = container.entries
        between = self.comments.text[entries[0].end : entries[1].start] if len(entries) > 1 else ", "
        separator = between if "#" not in between else ", "
        if before is not None:
            return Splice(before.end, before.end, "".join(separator + text for text in texts))
        return Splice(near.start, near.start, "".join(text + separator for text in texts))

    def remove(self, run: Sequence[Entry], before: Entry | None, after: Entry | None) -> Splice:
        """Removes adjacent entries. The comments of the entry before them stay."""
        first, last = run[0], run[-1]
        comments = self.comments.texts(before.end, first.start) if before else []
        if after is not None and (comments or before is None):
            return Splice(first.start, after.start, "")
        if before is None or not comments:
            return Splice(before.end if before else first.start, last.end, "")
        lines = self.comments.lines
        blanks = " " * lines.column(first.start)
        kept = "".join(f"{self.style.gap}{comment}{lines.newline}{blanks}" for comment in comments)
        return Splice(before.end, last.end, kept)
