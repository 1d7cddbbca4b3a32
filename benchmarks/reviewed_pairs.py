"""The repairs that real reviews show: of each pair of fragments, whether fixer makes of the templates what it shows.

    python benchmarks/reviewed_pairs.py [CASES...]

CASES are folders of tasks (../shared/cases/reviewed and ../shared/cases/tapstack by default). A task has a review
(MODEL_FAILURES.md), the templates that it is about (before/), and those that their authors settled on (after/). For
each pair the script runs fixer with this pair alone, as `fixer apply --failures REVIEW --unsafe --undeployed` does, and
checks the result with a reader and a matcher of its own: the corrected fragment stands where the faulty one stood,
what only the faulty one shows is gone, and every change is explained by one of the two. A line is printed for each
pair, then counts.
"""

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from fixer.errors import FixerError
from fixer.inputs.failure_list import load
from fixer.model import Outcome, Report
from fixer.model.failures import Failure, Pair
from fixer.run import commands as run
from fixer.settings import Settings
from fixer.transforms.review.plan import examined

SHARED = Path(__file__).parents[2] / "shared" / "cases"
REVIEW = "MODEL_FAILURES.md"
REST = "..."
OPEN = ("Tags", "Statement", "Rules", "SecurityGroupIngress", "SecurityGroupEgress")
PROOF = re.compile(
    r"cfn-lint|would also|still uses|expansion is not known|YAML reader|the failure|unsafe|patch hides|joins? "
)


class _Loader(yaml.SafeLoader):
    """YAML as CloudFormation reads it."""


def _function(loader: Any, suffix: str, node: Any) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    build = loader.construct_sequence if isinstance(node, yaml.SequenceNode) else loader.construct_mapping
    return {name: build(node, deep=True)}


_Loader.add_multi_constructor("!", _function)
_Loader.yaml_implicit_resolvers = {
    mark: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for mark, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def fragment(text: str) -> Any:
    """The data of a fragment that is nearly whole; None if it is not, or if a key stands twice in it."""
    lines = [line for line in text.expandtabs(2).splitlines() if not re.match(r"\s*(//|#)", line)]
    plain = "\n".join(re.sub(r"(?<=[,{}\[\]\"\w])\s+//.*$", "", line) for line in lines)
    plain = re.sub(r",(\s*\n\s*[}\]])", r"\1", plain)
    for attempt in (plain, "{" + plain.strip().rstrip(",") + "}"):
        try:
            keys: list[str] = []
            node = yaml.compose(attempt, Loader=_Loader)
            _repeated(node, keys)
            data = yaml.load(attempt, Loader=_Loader)
        except (yaml.YAMLError, ValueError, RecursionError):
            continue
        if isinstance(data, dict | list) and data and not keys:
            if isinstance(data, dict) and plain.rstrip().endswith(","):
                data[REST] = REST
            return _form(data)
    return None


def _repeated(node: Any, keys: list[str]) -> None:
    if isinstance(node, yaml.MappingNode):
        names = [str(key.value) for key, _ in node.value]
        keys += [name for name, count in Counter(names).items() if count > 1]
        for _, value in node.value:
            _repeated(value, keys)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _repeated(item, keys)


def _form(value: Any) -> Any:
    """The data with ellipses as REST and Fn::GetAtt as a list."""
    if isinstance(value, list):
        return [_form(item) for item in value]
    if isinstance(value, dict):
        if list(value) == [REST]:
            return REST
        made = {str(key): _form(item) for key, item in value.items()}
        if isinstance(name := made.get("Fn::GetAtt"), str):
            made["Fn::GetAtt"] = name.split(".", 1)
        return {key: REST if item is None else item for key, item in made.items()}
    return value


def template(path: Path) -> Any:
    """The data of a template; None if it cannot be read."""
    try:
        text = path.read_text()
        return _form(json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_Loader))
    except (OSError, ValueError, yaml.YAMLError):
        return None


def holds(value: Any, shown: Any, name: str = "") -> bool:
    """Whether a value of a template holds what a fragment shows."""
    if shown == REST:
        return True
    if isinstance(shown, dict):
        return isinstance(value, dict) and all(
            key == REST or (key in value and holds(value[key], item, key)) for key, item in shown.items()
        )
    if isinstance(shown, list):
        if not isinstance(value, list):
            return False
        if REST not in shown and not name.endswith(OPEN):
            return len(shown) == len(value) and all(map(holds, value, shown))
        rest = iter(value)
        return all(any(holds(each, item) for each in rest) for item in shown if item != REST)
    if isinstance(value, dict | list):
        return False
    if isinstance(shown, str) and REST in shown:
        return re.fullmatch(".*".join(map(re.escape, shown.split(REST))), str(value), re.DOTALL) is not None
    one, other = _text(shown), _text(value)
    return one == other or (bool in (type(shown), type(value)) and one.lower() == other.lower())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "\n".join(line.rstrip() for line in str(value).rstrip().split("\n"))


def walk(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every (path, value) in some data."""
    yield path, value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from walk(item, (*path, key))


def standing(data: Any, shown: Any) -> list[tuple[Any, ...]]:
    """The places of a template where a fragment stands; that of a list without its key is the list around it."""
    if isinstance(shown, dict):
        return [path for path, value in walk(data) if isinstance(value, dict) and holds(value, shown)]
    around = [REST, *shown, REST]
    return [path for path, value in walk(data) if isinstance(value, list) and holds(value, around)]


def changes(old: Any, new: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """(path, old, new) of every scalar or subtree that differs; None where there is nothing. Lists count as a whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from changes(old.get(key), new.get(key), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from changes(*pair, (*path, index))
    elif old != new:
        yield path, old, new


def scalars(value: Any) -> Counter[str]:
    """The keys and scalars in some data, as text, counted."""
    found: Counter[str] = Counter()
    if value is None:
        return found
    for path, each in walk(value):
        if path and isinstance(path[-1], str):
            found[path[-1]] += 1
        if not isinstance(each, dict | list):
            found[_text(each)] += 1
    return found


@dataclass
class Judged:
    """A pair, where its faulty fragment stands, what fixer did, and what is wrong with that ("": nothing)."""

    task: str
    line: int
    title: str
    places: int
    result: str
    reason: str = ""
    wrong: str = ""
    settled: bool = False


@dataclass
class Task:
    """One task: its review and its templates before and after, by name."""

    folder: Path
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> "Task":
        made = [
            {str(file.relative_to(folder / stage)): data for file in files if (data := template(file)) is not None}
            for stage in ("before", "after")
            for files in [sorted(each for each in (folder / stage).rglob("*") if each.is_file())]
        ]
        return cls(folder, *made)

    def judged(self) -> Iterator[Judged]:
        """Every pair of the review whose fragments the script can read."""
        try:
            failures = load(str(self.folder / REVIEW))
        except FixerError as error:
            print(f"{self.folder.name}: {error}")
            return
        for failure in failures:
            for pair in failure.pairs:
                if pair.faulty and pair.corrected:
                    yield from self._pair(failure, pair)

    def _pair(self, failure: Failure, pair: Pair) -> Iterator[Judged]:
        assert pair.faulty is not None
        assert pair.corrected is not None
        faulty, corrected = fragment(pair.faulty.text), fragment(pair.corrected.text)
        if faulty is None or corrected is None:
            return
        places = [(name, path) for name, data in self.before.items() for path in standing(data, faulty)]
        alone = replace(failure, pairs=(pair,))
        report, texts = _run(self.folder / "before", alone)
        result, reason = _result(report, alone)
        judged = Judged(self.folder.name, failure.line, failure.title, len(places), result, reason)
        if result == "applied":
            judged.wrong = self._wrong(texts, faulty, corrected, places)
            judged.settled = any(standing(data, corrected) for data in self.after.values())
        yield judged

    def _wrong(self, texts: dict[str, Any], faulty: Any, corrected: Any, places: list[tuple[str, Any]]) -> str:
        """What the result has that the pair does not show, or lacks that it shows."""
        for name, data in texts.items():
            reason = _unexplained(self.before[name], data, faulty, corrected)
            if reason:
                return f"{name}: {reason}"
        parts = [{key: value} for key, value in corrected.items() if key != REST] if isinstance(corrected, dict) else []
        for part in parts or [corrected]:
            if not any(standing(data, part) for data in texts.values()):
                return f"what the review shows does not stand there: {json.dumps(part)[:200]}"
        for name, path in places:
            if reason := _left_over(texts.get(name), path, faulty, corrected):
                return f"{name}: {reason}"
        return ""


def _left_over(data: Any, path: tuple[Any, ...], faulty: Any, corrected: Any) -> str:
    """A key that the corrected fragment does not show any more, but that is still there."""
    if not isinstance(faulty, dict) or not isinstance(corrected, dict) or not set(faulty) & set(corrected):
        return ""
    try:
        for token in path:
            data = data[token]
    except (KeyError, IndexError, TypeError):
        return ""
    for key, value in faulty.items():
        if key in (REST, "Type", "Properties") or not isinstance(data, dict) or key not in data:
            continue
        if key not in corrected and REST not in corrected and len(path) > 0:
            return f"{'/'.join(map(str, path))}/{key} is still there"
        if key in corrected and (reason := _left_over(data, (key,), value, corrected[key])):
            return reason
    return ""


def _unexplained(old: Any, new: Any, faulty: Any, corrected: Any) -> str:
    """A change with a value that neither fragment shows, or in an entry that neither of them is about."""
    come, gone = scalars(corrected), scalars(faulty)
    names = _renames(faulty, corrected)
    for path, before, after in changes(_named(old, names), new):
        added, removed = scalars(after) - scalars(before), scalars(before) - scalars(after)
        if extra := [each for each in added if each not in come and not isinstance(each, dict)]:
            return f"{'/'.join(map(str, path))} now has {extra[:3]}, which the review does not show"
        shown = set(gone) | set(come)
        if not set(map(str, path)) & shown and not set(removed) & set(gone):
            return f"{'/'.join(map(str, path))} is changed, which the review does not show"
    return ""


def _renames(faulty: Any, corrected: Any) -> dict[str, str]:
    """The only entry that has another name in the corrected fragment, section by section."""
    found: dict[str, str] = {}
    for one, other in ((faulty, corrected), *_sections(faulty, corrected)):
        if isinstance(one, dict) and isinstance(other, dict):
            gone, come = [key for key in one if key not in other], [key for key in other if key not in one]
            pair = (one[gone[0]], other[come[0]]) if len(gone) == len(come) == 1 else ()
            if all(isinstance(each, dict) for each in pair) and _same_kind(*pair):
                found[gone[0]] = come[0]
    return found


def _same_kind(one: Any = None, other: Any = None) -> bool:
    """Whether two entries have the same type, or show properties and no type."""
    if one is None or one.get("Type") != other.get("Type"):
        return False
    return "Type" in one or ("Properties" in one and "Properties" in other)


def _sections(faulty: Any, corrected: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(faulty, dict) and isinstance(corrected, dict):
        yield from ((faulty[key], corrected[key]) for key in faulty if key in corrected)


def _named(data: Any, names: dict[str, str], depth: int = 0) -> Any:
    """The data with new names of entries, in texts too."""
    if isinstance(data, dict):
        keys = names if depth == 1 else {}
        return {keys.get(key, key): _named(value, names, depth + 1) for key, value in data.items()}
    if isinstance(data, list):
        return [_named(item, names, depth + 1) for item in data]
    if isinstance(data, str):
        for old, new in names.items():
            data = new if data == old else re.sub(rf"\$\{{{re.escape(old)}(?=[.}}])", f"${{{new}", data)
    return data


def _run(folder: Path, failure: Failure) -> tuple[Report, dict[str, Any]]:
    """The report about the templates of a folder with one failure, and the data of their texts after it."""
    settings = Settings(
        select=("as-reviewed",), unsafe=True, undeployed=True, failures=(failure,), as_reviewed=True, jobs=1
    )
    report = run.apply([str(folder)], settings)
    texts: dict[str, Any] = {}
    for each in report.templates:
        with tempfile.NamedTemporaryFile("w", suffix=Path(each.path).suffix) as file:
            file.write(each.after)
            file.flush()
            texts[str(Path(each.path).relative_to(folder))] = template(Path(file.name))
    return report, texts


def _result(report: Report, failure: Failure) -> tuple[str, str]:
    """What became of the pair: applied, refused by the proof, refused, absent or unknown; with the reason."""
    found = list(report.resolutions)
    left = [each for each in found if each.outcome is not Outcome.WOULD_APPLY]
    if found and not left:
        return "applied", ""
    if left:
        reason = left[0].reason
        is_proof = left[0].outcome in (Outcome.UNVERIFIED, Outcome.CONFLICT) or PROOF.search(reason)
        return ("refused by the proof" if is_proof else "refused"), reason
    from fixer.cloudformation.template import Template
    from fixer.document import parse

    templates = [Template(each.path, parse(each.before, each.path)) for each in report.templates]
    said = examined((failure,), templates)
    if said and all(each.is_absent for each in said):
        return "absent", ""
    if report.errors:
        return "error", str(report.errors[0])
    return "unknown", next((each.reason for each in said if each.reason), failure.about_why)


def main(roots: list[Path]) -> None:
    """Judges every pair and prints the counts."""
    every: list[Judged] = []
    for folder in sorted(task for root in roots for task in root.iterdir() if (task / REVIEW).is_file()):
        for each in Task.of(folder).judged():
            every.append(each)
            mark = " WRONG: " + each.wrong if each.wrong else ""
            title = each.title[:60]
            print(
                f"{each.task}:{each.line} {each.places} {each.result}: {title}: {each.reason[:300]}{mark}", flush=True
            )
    print(f"\npairs that the script can read: {len(every)}")
    for label, chosen in (
        ("faulty fragment at exactly one place", [each for each in every if each.places == 1]),
        ("at several places", [each for each in every if each.places > 1]),
        ("at no place", [each for each in every if not each.places]),
    ):
        counts = Counter(each.result for each in chosen)
        print(f"{label}: {len(chosen)}: {', '.join(f'{count} {name}' for name, count in counts.most_common())}")
    once = [each for each in every if each.places == 1]
    good = sum(each.result in ("applied", "refused by the proof", "absent") for each in once)
    applied = [each for each in every if each.result == "applied"]
    print(f"applied or refused by the proof, of those at one place: {good / max(len(once), 1):.1%}")
    print(f"applied fragments that the authors settled on: {sum(each.settled for each in applied)} of {len(applied)}")
    print(f"wrong: {sum(bool(each.wrong) for each in every)}")
    for reason, count in Counter(
        _kind(each.reason) for each in once if each.result in ("refused", "unknown")
    ).most_common():
        print(f"  {count:3} {reason}")


def _kind(reason: str) -> str:
    return re.sub(r"/\S+|\(.*?\)|: .*", "", reason)[:110]


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]] or [SHARED / "reviewed", SHARED / "tapstack"])
