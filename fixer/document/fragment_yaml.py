"""Fragments of YAML that need not be whole: the reader behind `fixer.document.fragment`.

Scalars resolve as in `fixer.document.yaml_nodes`: as in YAML 1.1, except that dates stay strings; keys are strings;
short tags are their long forms.
"""

import re
from typing import Any

import yaml

from fixer.document.fragment_tree import DEEPEST, Branch, TooDeep, Tree, Unreadable
from fixer.document.pattern import ELLIPSES, GAP, REST

_CORE = "tag:yaml.org,2002:"
_CONSTRUCTOR: Any = yaml.constructor.SafeConstructor()
_SHORT_TAG = re.compile(r"![A-Za-z][A-Za-z0-9]*(::[A-Za-z0-9]+)*")
_WITHOUT_PREFIX = ("!Ref", "!Condition")
_ELLIPSES = (*ELLIPSES, Branch.ELLIPSIS)


def read_yaml(text: str) -> Tree:
    """The tree of a text. Raises Unreadable if it is not YAML, or more than one document, or uses anchors."""
    try:
        _check(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        place = f" at its line {mark.line + 1}" if mark else ""
        raise Unreadable(f"the fragment is not YAML{place}: {problem or 'a mark is not allowed there'}") from None
    return _tree(node, 0) if node is not None else Branch(())


def _check(text: str) -> None:
    """Refuses what makes a small text large, or two texts of one, before the nodes are built."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("the fragment has an alias (*name): write out what it stands for")
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > DEEPEST:
            raise TooDeep("the fragment is nested too deeply")
        if documents > 1:
            raise Unreadable("the fragment has several documents: show each separately")


def _tree(node: Any, level: int) -> Tree:
    if _SHORT_TAG.fullmatch(node.tag):
        name = node.tag[1:] if node.tag in _WITHOUT_PREFIX else f"Fn::{node.tag[1:]}"
        return Branch(((name, _argument(node, name, level)),))
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    return _container(node, level)


def _argument(node: Any, name: str, level: int) -> Tree:
    if not isinstance(node, yaml.ScalarNode):
        return _container(node, level)
    if name == "Fn::GetAtt" and "." in node.value:
        return [*node.value.split(".", 1)]
    return GAP if node.value in _ELLIPSES else str(node.value)


def _container(node: Any, level: int) -> Tree:
    if isinstance(node, yaml.SequenceNode):
        return [_tree(item, level + 1) for item in node.value]
    entries: list[tuple[str, Tree]] = []
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise Unreadable("a key of the fragment is not a text")
        if key.tag == _CORE + "merge":
            raise Unreadable("the fragment has a merge key (<<): write out what it stands for")
        is_gap = key.value.startswith(Branch.ELLIPSIS) or key.value in _ELLIPSES
        entries.append((REST, GAP) if is_gap else (str(key.value), _tree(value, level + 1)))
    return Branch(tuple(entries))


def _scalar(node: Any) -> Tree:
    """The value of a scalar; nothing at all behind a key is left open."""
    if node.value in _ELLIPSES or (node.value == "" and not node.style):
        return GAP
    if node.tag in (_CORE + "str", _CORE + "timestamp") or not node.tag.startswith(_CORE):
        return str(node.value)
    try:
        value = _CONSTRUCTOR.construct_object(yaml.ScalarNode(node.tag, node.value), deep=True)
    except (ValueError, LookupError, yaml.YAMLError):
        return str(node.value)
    return value if value is None or isinstance(value, bool | int | float) else str(node.value)
