"""Writes the pages about the transforms and their golden cases: python docs/generate.py [--check].

With --check it writes nothing. It lists the pages that are out of date, and exits with 1 if there are any.
"""

import difflib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixer import pointer
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.document.text_patch import is_text_patch
from fixer.impact.resources import impact
from fixer.report.effects import sentence
from fixer.transforms import TRANSFORMS as RUN_BY_DEFAULT
from fixer.transforms import posture
from fixer.transforms.packs import PACKS, pack_transforms
from fixer.transforms.properties.documentation import NAMES
from fixer.transforms.properties.entry import JUDGES, REQUESTED, Entry, entries
from fixer.transforms.properties.repair import property_repairs
from fixer.transforms.transform import Transform

ROOT = Path(__file__).parents[1]
TRANSFORMS = (*RUN_BY_DEFAULT, *posture.TRANSFORMS)
"""Those with golden cases; property repairs have a compact case each."""

CASES = ROOT / "tests" / "packs" / "cases"
GOLDEN, PATCHES, DOCS = ROOT / "tests" / "golden", ROOT / "patches", ROOT / "docs"
RULES = "https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/rules.md"
_SPAN = re.compile(r"(`[^`]*`)")


@dataclass(frozen=True)
class Case:
    """A golden case: the name, and per file name the text before, the text after and the operations."""

    name: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    ops: Mapping[str, list[dict[str, Any]]]

    @property
    def impact(self) -> str:
        """The effects of the repair on deployed stacks."""
        if any(map(is_text_patch, self.ops.values())):
            return "the text is not a template without this repair"
        before, after = (_project(texts) for texts in (self.before, self.after))
        return sentence(impact(before, after, sorted(self.before)))

    @property
    def diff(self) -> str:
        """The repair as a unified diff."""
        return "".join(
            "".join(
                difflib.unified_diff(
                    self.before[name].splitlines(keepends=True), self.after[name].splitlines(keepends=True), name, name
                )
            )
            for name in sorted(self.before)
        )


def pages() -> dict[Path, str]:
    """Every generated page, path below docs/ to text."""
    found = {Path("transforms") / f"{transform.id}.md": _page(transform) for transform in TRANSFORMS}
    found[Path("transforms/index.md")] = _index()
    found[Path("by-rule.md")] = _by_rule()
    found[Path("by-failure.md")] = _by_failure()
    found[Path("by-resource.md")] = _by_resource()
    for transform, entry in zip(property_repairs(), entries(), strict=True):
        found[Path("packs") / f"{entry.id}.md"] = _pack_page(transform, entry)
    found[Path("packs/index.md")] = _packs()
    found[Path("by-control.md")] = _by_control()
    return found


def cases(transform: Transform) -> list[Case]:
    """The golden cases in which the transform repairs something, the shortest diff first."""
    found = []
    for file in sorted((GOLDEN / transform.id).glob("*.before*")):
        after = file.with_name(file.name.replace(".before", ".after"))
        name = file.name.partition(".before")[0]
        if not after.exists():
            continue
        ops = json.loads((PATCHES / transform.id / f"{name}.json").read_text(encoding="utf-8"))
        if file.is_dir():
            found.append(Case(name, _texts(file), _texts(after), ops))
        else:
            title = f"template{file.suffix}"
            first, second = (each.read_bytes().decode() for each in (file, after))
            found.append(Case(name, {title: first}, {title: second}, {title: ops}))
    return sorted(found, key=lambda case: (len(case.diff), case.name))


def near_misses(transform: Transform) -> list[str]:
    """The names of the similar cases that must not change."""
    files = sorted((GOLDEN / transform.id).glob("near-miss-*.before*"))
    names = {file.name.partition(".before")[0].removeprefix("near-miss-").removeprefix("yaml-") for file in files}
    return sorted(names)


def resource_types(transform: Transform) -> set[str]:
    """The types of the resources that the transform changes or adds in its golden cases."""
    types: set[str] = set()
    for case in cases(transform):
        for name, ops in case.ops.items():
            if is_text_patch(ops):
                continue
            data = [parse(texts[name], name).data for texts in (case.before, case.after)]
            for op in ops:
                tokens = pointer.split(op["path"])
                if tokens[0] == "Resources" and len(tokens) > 1 and op["op"] != "test":
                    types |= {kind for each in data if (kind := _type(each, tokens[1]))}
    return types


def _type(data: Any, logical_id: str) -> str:
    kind = (data.get("Resources") or {}).get(logical_id, {})
    return str(kind.get("Type", "")) if isinstance(kind, dict) else ""


def _project(texts: Mapping[str, str]) -> Project:
    return Project.of([Template(name, parse(text, name)) for name, text in texts.items()])


def _texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_bytes().decode() for file in sorted(folder.iterdir())}


def _page(transform: Transform) -> str:
    parts = [f"# {transform.id}", prose(transform.summary), _facts(transform)]
    for heading, text in transform.sections.items():
        if heading != "References":
            parts += [f"## {heading}", prose(text)]
    if transform.options:
        parts += ["## Options", "\n".join(_options(transform))]
    parts += _example(cases(transform)[0])
    if names := near_misses(transform):
        lines = "\n".join(f"- {name.replace('-', ' ')}" for name in names)
        parts += ["## Similar cases that it does not change", lines]
    references = "\n".join(f"- <{url}>" for url in transform.sections["References"].split())
    return "\n\n".join([*parts, "## References", references]) + "\n"


def _facts(transform: Transform) -> str:
    rows = [("Mildest [tier](../safety.md)", f"`{transform.tier}`")]
    if transform.rules:
        rows.append(("cfn-lint rules", ", ".join(f"[{rule}]({RULES})" for rule in transform.rules)))
    if transform.pack:
        rows.append(("Runs", f"with `--pack {transform.pack}`, or if you select it by its id or a control"))
        rows.append(("Controls", ", ".join(transform.controls)))
    if transform.requirement:
        rows.append(("Runs", f"with `--require {transform.requirement}`, or if you select it by its id"))
    rows.append(("Run it alone", f"`fixer apply PATH --select {transform.id}`"))
    return "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows)


def _options(transform: Transform) -> Iterator[str]:
    for option in transform.options:
        default = f" (default: `{option.default}`)" if option.default else ""
        choices = f" One of {', '.join(f'`{each}`' for each in option.choices)}." if option.choices else ""
        yield f"- `--set {transform.id}.{option.name}=VALUE`: {prose(option.help)}{default}.{choices}"


def _example(case: Case) -> list[str]:
    patch = next(iter(case.ops.values())) if len(case.ops) == 1 else case.ops
    what = "[RFC 6902](https://www.rfc-editor.org/rfc/rfc6902)"
    if any(map(is_text_patch, case.ops.values())):
        what = "edits of the text, each of the text that the ones before it make"
    return [
        "## Example",
        _fenced(case.diff.rstrip("\n"), "diff"),
        f"Impact on a stack that is deployed: {prose(case.impact)}.",
        f"The patch ({what}), which you can also apply with `fixer patch`:",
        _fenced(json.dumps(patch, indent=2), "json"),
    ]


def _index() -> str:
    rows = "".join(f"| [{each.id}]({each.id}.md) | {each.tier} | {prose(each.summary)} |\n" for each in TRANSFORMS)
    tree = "```{toctree}\n:hidden:\n\n" + "\n".join(sorted(each.id for each in TRANSFORMS)) + "\n```"
    intro = "The transforms, in the order in which they run."
    head = f"# Transforms\n\n{intro}\n\n| transform | mildest tier | failure |\n|---|---|---|\n"
    return f"{head}{rows}\n{tree}\n"


def _by_rule() -> str:
    rules: dict[str, list[Transform]] = {}
    for transform in TRANSFORMS:
        for rule in transform.rules:
            rules.setdefault(rule, []).append(transform)
    rows = "".join(f"| [{rule}]({RULES}) | {_links(found)} |\n" for rule, found in sorted(rules.items()))
    intro = "The cfn-lint rules, and the transforms that repair their matches. `--select` accepts both rules and ids."
    return f"# By cfn-lint rule\n\n{intro}\n\n| rule | transform |\n|---|---|\n{rows}"


def _by_failure() -> str:
    intro = (
        "`fixer map FAILURES.md` recognises these failures in a failure list, and `fixer apply --failures`\n"
        "repairs the listed ones (see [Repair what a review lists](reviews.md)). The last column is a title that it\n"
        "recognises; other wordings and the numbers of cfn-lint rules work, too."
    )
    clean = _told(transform for transform in TRANSFORMS if not transform.rules)
    reported = _told(transform for transform in TRANSFORMS if transform.rules)
    return (
        f"# By failure\n\n{intro}\n\n## Templates that lint clean and still fail\n\n{clean}\n"
        f"## Failures that cfn-lint reports\n\n{reported}"
    )


def _told(transforms: Iterable[Transform]) -> str:
    rows = "".join(
        f"| {prose(each.summary)} | [{each.id}](transforms/{each.id}.md) | {prose(example)} |\n"
        for each in transforms
        for example in [each.told_by[0].example.partition("\n")[0] if each.told_by else "(any)"]
    )
    return f"| failure | transform | told as, for example |\n|---|---|---|\n{rows}"


def _by_resource() -> str:
    types: dict[str, list[Transform]] = {}
    for transform in TRANSFORMS:
        for kind in resource_types(transform):
            types.setdefault(kind, []).append(transform)
    rows = "".join(f"| `{kind}` | {_links(found)} |\n" for kind, found in sorted(types.items()))
    intro = "The types of resources that a transform changes in its golden cases. Many work on other types too."
    return f"# By resource type\n\n{intro}\n\n| type | transforms |\n|---|---|\n{rows}"


def _pack_page(transform: Transform, entry: Entry) -> str:
    """The page of a property repair; its example is the compact case."""
    text = (CASES / f"{entry.id}.txt").read_text(encoding="utf-8")
    before, _, rest = text.partition("=== after\n")
    after, _, rest = rest.partition("=== patch\n")
    lines = rest.partition("=== near miss\n")[0].splitlines()
    name = "template.yaml"
    case = Case(entry.id, {name: before}, {name: after}, {name: [json.loads(line) for line in lines]})
    parts = [f"# {transform.id}", prose(transform.summary), _pack_facts(transform, entry)]
    for heading, section in transform.sections.items():
        if heading != "References":
            parts += [f"## {heading}", prose(section)]
    if transform.options:
        parts += ["## Options", "\n".join(_options(transform))]
    references = "\n".join(f"- <{url}>" for url in transform.sections["References"].split())
    return "\n\n".join([*parts, *_example(case), "## References", references]) + "\n"


def _pack_facts(transform: Transform, entry: Entry) -> str:
    runs = f"with `--pack {entry.pack}`" if entry.pack != REQUESTED else "only if you name it or one of its controls"
    rows = [("Mildest [tier](../safety.md)", f"`{transform.tier}`"), ("Runs", runs)]
    rows += [(NAMES[judge], ", ".join(entry.controls[judge])) for judge in JUDGES if entry.controls.get(judge)]
    rows.append(("Run it alone", f"`fixer apply PATH --select {transform.id}`"))
    return "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows)


def _pack_link(transform: Transform, start: str = "") -> str:
    """A link to the page of a transform, from docs/ or, with `start`, from a folder below it."""
    folder = "packs" if transform in property_repairs() else "transforms"
    return f"[{transform.id}]({start}{folder}/{transform.id}.md)"


def _packs() -> str:
    parts = [
        "# Packs",
        "Packs answer wishes, such as the controls of security scanners. Nothing of a pack runs unless you name the\n"
        "pack, a transform, or a control: `fixer apply PATH --pack security,resilience`.",
    ]
    for pack in (*PACKS, REQUESTED):
        found = [each for each in pack_transforms() if each.pack == pack]
        rows = "\n".join(f"| {_pack_link(each, '../')} | {each.tier} | {prose(each.summary)} |" for each in found)
        title = f"## {pack}" if pack != REQUESTED else "## Only on request"
        parts += [title, f"| transform | mildest tier | failure |\n|---|---|---|\n{rows}"]
    tree = "```{toctree}\n:hidden:\n\n" + "\n".join(sorted(each.id for each in entries())) + "\n```"
    return "\n\n".join([*parts, tree]) + "\n"


def _by_control() -> str:
    found: dict[str, list[Transform]] = {}
    for transform in (*RUN_BY_DEFAULT, *pack_transforms()):
        for control in transform.controls:
            found.setdefault(control, []).append(transform)
    rows = "\n".join(f"| `{name}` | {', '.join(map(_pack_link, found[name]))} |" for name in sorted(found))
    intro = (
        "The controls of Checkov, Trivy, Guard rules, cfn_nag, Security Hub and the CIS benchmark that fixer answers.\n"
        "`--select`, `fixer explain` and `Metadata.fixer.ignore` accept them, as `--findings` does."
    )
    return f"# By control\n\n{intro}\n\n| control | transforms |\n|---|---|\n{rows}\n"


def _links(transforms: Iterable[Transform]) -> str:
    return ", ".join(f"[{each.id}](transforms/{each.id}.md)" for each in transforms)


def prose(text: str) -> str:
    """Plain text as Markdown: code spans stay, everything else appears as it is written."""
    parts = _SPAN.split(text)
    parts[::2] = [re.sub(r"([\\*_\[\]<|$])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def _fenced(text: str, language: str) -> str:
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return f"{fence}{language}\n{text}\n{fence}"


def stale() -> list[Path]:
    """The pages that are out of date, and those of transforms that no longer exist."""
    found = pages()
    wrong = [path for path, text in found.items() if _read(DOCS / path) != text]
    gone = [
        file
        for file in sorted([*DOCS.glob("transforms/*.md"), *DOCS.glob("packs/*.md")])
        if file.relative_to(DOCS) not in found
    ]
    return wrong + [file.relative_to(DOCS) for file in gone]


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def main() -> int:
    """Writes or checks the pages."""
    wrong = stale()
    if "--check" in sys.argv[1:]:
        print("".join(f"docs/{path} is out of date: run python docs/generate.py\n" for path in wrong), end="")
        return 1 if wrong else 0
    found = pages()
    for path in wrong:
        file = DOCS / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(found[path], encoding="utf-8") if path in found else file.unlink()
        print(f"docs/{path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
