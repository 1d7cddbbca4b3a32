"""The texts of `fixer list` and `fixer explain`, made from the transforms only."""

from collections.abc import Iterable

from fixer.authoring.context import Option
from fixer.report.columns import aligned
from fixer.transforms.transform import Transform


def listing(transforms: Iterable[Transform]) -> str:
    """A line per transform: id, mildest tier, its cfn-lint rules or else when it runs, summary; aligned."""
    rows = aligned((each.id, str(each.tier), _when(each), each.summary) for each in transforms)
    return "".join("  ".join(row).rstrip() + "\n" for row in rows)


def _when(transform: Transform) -> str:
    if transform.rules:
        return " ".join(transform.rules)
    if transform.pack:
        return "on request" if transform.pack == "requested" else f"with {transform.pack}"
    return f"with {transform.requirement}" if transform.requirement else "always"


def explain(transform: Transform) -> str:
    """A transform's documentation, its options, and how to select it."""
    lines = [transform.id, "=" * len(transform.id), "", transform.doc.strip(), "", f"Tier: {transform.tier}"]
    if transform.requirement:
        lines.append(f"Runs only with: --require {transform.requirement} or --select {transform.id}")
    if transform.pack:
        alone = transform.pack == "requested"
        lines.append(f"Runs only with: {'' if alone else f'--pack {transform.pack} or '}--select {transform.id}")
    if transform.controls:
        lines.append(f"Answers: {', '.join(transform.controls)}")
    if transform.rules:
        lines.append(f"cfn-lint rules: {', '.join(transform.rules)}")
    if transform.options:
        lines += ["", "Options:", *options(transform)]
    return "\n".join(lines) + "\n"


def options(transform: Transform) -> list[str]:
    """How to set each option of a transform, and its purpose."""
    return [_option(transform, option) for option in transform.options]


def _option(transform: Transform, option: Option) -> str:
    choices = f" ({' | '.join(option.choices)})" if option.choices else ""
    default = f" [default: {option.default}]" if option.default is not None else ""
    return f"  --set {transform.id}.{option.name}=VALUE{choices}{default}\n      {option.help}"
