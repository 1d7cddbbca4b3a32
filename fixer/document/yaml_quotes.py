"""Which quotation marks new YAML text gets: those of the text that it replaces, or of its neighbours.

Strings keep them, also as the text of Fn::Sub. A name such as that in `!Ref Stage` has none, unless the same function
had them before.
"""

from typing import TypeAlias

from fixer.document.source import Draft, Entry
from fixer.document.yaml_lift import YamlLifted
from fixer.document.yaml_tree import YamlNode

Like: TypeAlias = "str | dict[str, Like]"
"""The preferred quotation mark of a string ("'", '"' or "" for none), or those of the entries of a mapping."""

_MARKS = ("'", '"')


def like_of(old: YamlNode, draft: Draft) -> Like:
    """The marks of a draft that replaces an old value."""
    mark = old.style if old.style in _MARKS else ""
    if mark and old.pseudo and isinstance(draft, dict) and isinstance(old.data, dict):
        return dict.fromkeys((*old.data, "Fn::Sub"), mark)
    return mark


def neighbours_like(container: YamlNode, near: Entry, draft: Draft) -> Like:
    """The marks of the neighbours: of the strings in a sequence, of a neighbouring item's entries."""
    if isinstance(draft, dict) and near.key is None and isinstance(near.value, YamlNode):
        inner = ((each.key, each.value) for each in near.value.entries if each.key is not None)
        return {key: node.style for key, node in inner if isinstance(node, YamlNode) and node.style in _MARKS}
    if isinstance(draft, dict) and "Fn::Sub" not in draft:
        return ""
    nodes = (each.value for each in container.entries)
    texts = [node for node in nodes if isinstance(node, YamlNode) and node.is_text]
    marks = {node.style for node in texts}
    several = near.key is None or len(texts) > 1
    return marks.pop() if several and marks in ({"'"}, {'"'}) else ""


def lifted_mark(draft: object) -> str:
    """The mark of lifted text."""
    style = draft.node.style if isinstance(draft, YamlLifted) and isinstance(draft.node, YamlNode) else ""
    return style if style in _MARKS else ""


def mark_of(like: Like) -> str:
    """The mark for a string itself."""
    return like if isinstance(like, str) else ""


def part(like: Like, key: str | None) -> Like:
    """The marks for one entry of a mapping, or for an item."""
    return like if key is None or isinstance(like, str) else like.get(key, "")


def fitting(like: Like, draft: Draft) -> Like:
    """The marks for the parts of a draft: the mark of a string is also that of the text of Fn::Sub, and of no other."""
    return {"Fn::Sub": like} if like and isinstance(like, str) and isinstance(draft, dict) else like
