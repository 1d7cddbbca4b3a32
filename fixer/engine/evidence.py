"""Whether a lint match that appeared or disappeared with a patch is that patch's effect.

cfn-lint does not look below a value that it cannot read, and reports some faults only for names that exist. So a match
may appear although the fault was there before, and may disappear although the fault is still there.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from fixer.aws.cached_lint import Lint
from fixer.aws.lint_diff import compare, hidden_below, key
from fixer.cloudformation.intrinsics import mapping
from fixer.cloudformation.project import Project
from fixer.engine.applied import Applied
from fixer.errors import BadPatch
from fixer.model import Json, LintMatch, Op, Suspicion
from fixer.pointer import join, split

_DECLARING = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")


def is_revealed(match: LintMatch, path: str, before: Project, applied: Sequence[Applied], lint: Lint) -> bool:
    """Whether a match that appeared with several patches also appears when only the one that removes its mask is
    applied to the text before. Otherwise the patches together caused it.
    """
    own = [each for each in applied if path in each.patch.files]
    return len(own) == 1 or any(_reveals(each, match, path, before, lint) for each in own)


def hidden(path: str, gone: Iterable[LintMatch], applied: Sequence[Applied]) -> Iterator[Suspicion]:
    """The matches that are gone although no patch repaired them, if a patch removed or renamed a declaration: cfn-lint
    may report a use only while the declaration exists (E1029 is such a rule).
    """
    own = [each for each in applied if path in each.patch.files]
    removed = {each.key: names for each in own if (names := _removed_names(each.patch.files[path]))}
    for match in gone if removed else ():
        words = set(re.findall(r"\w+", match.message))
        removing = tuple(key for key, names in removed.items() if names & words)
        if removing and not any(_explains(each, path, match) for each in own):
            yield Suspicion(path, match, removing, hides=True)


def _reveals(each: Applied, match: LintMatch, path: str, before: Project, lint: Lint) -> bool:
    document = before.templates[path].document
    try:
        alone = document.apply(each.patch.files[path])
    except BadPatch:
        return False  # It depends on another patch, so it cannot have removed the mask by itself.
    first, second = lint([(path, document.text), (path, alone.text)])
    if first.failed or second.failed:
        return False
    diff = compare(first.matches, second.matches, each.patch.files[path])
    unmasks = any(hidden_below(mask) is not None for mask in diff.gone)
    return unmasks and any(key(new) == key(match) for new in diff.revealed)


def _removed_names(ops: Iterable[Op]) -> set[str]:
    """The names that operations remove from the sections of a template, one by one or with the whole section."""
    gone: set[str] = set()
    seen: Json = None
    for op in ops:
        section, *rest = split(str(op.get("from", op["path"]))) or ("",)
        if op["op"] in ("remove", "move") and section in _DECLARING and len(rest) < 2:
            gone |= set(rest) or set(mapping(seen))
        seen = op.get("value") if op["op"] == "test" else None
    return gone


def _declared_names(ops: Iterable[Op]) -> set[str]:
    """The names that operations add to the sections of a template, or give to what is there."""
    places = [split(str(op["path"])) for op in ops if op["op"] in ("add", "move")]
    return {place[1] for place in places if len(place) == 2 and place[0] in _DECLARING}


def _explains(each: Applied, path: str, match: LintMatch) -> bool:
    """Whether the patch writes at the place of the match, or repairs a match of the same rule: cfn-lint reports a cycle
    or a pair of equal names at several places.
    """
    answers = each.finding.match is not None and each.finding.match.rule == match.rule
    declares = _declared_names(each.patch.files[path]) & set(re.findall(r"\w+", match.message))
    return answers or bool(declares) or each.touches(path, join(*match.path))
