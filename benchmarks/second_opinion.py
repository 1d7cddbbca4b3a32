"""Where AWS's validator and cfn-lint disagree on a folder of templates: a Markdown report on standard output.

    python benchmarks/second_opinion.py FOLDER [--part before]

The report compares fatal findings, errors and warnings of the templates below FOLDER (with --part: of those whose path
contains a folder of that name). Two findings agree if they concern the same entry of a template (a resource, a
parameter, ...) and their rules have the same number: AWS's validator uses the rule numbers of cfn-lint, with an F where
no deployment is possible. Other findings are listed by rule with one example each, and with what the other tool reports
for the same entry. Nothing is asserted, because the templates are the user's.
"""

import argparse
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixer.aws.cached_lint import LazyLint
from fixer.aws.lint import version as cfn_lint_version
from fixer.aws.second_opinion import NAME, SecondOpinion
from fixer.aws.second_opinion import version as validator_version
from fixer.inputs.discovery import discover
from fixer.model import LintMatch, LintResult
from fixer.settings import Settings

LONGEST = 120
"""Characters of an example."""


@dataclass(frozen=True)
class Template:
    """A template and what each tool says of it."""

    path: str
    lint: LintResult
    opinion: LintResult


@dataclass(frozen=True)
class Disagreement:
    """A finding of one tool that the other does not have, and the rules that the other has in the same entry."""

    path: str
    match: LintMatch
    others: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--part", default="")
    options = parser.parse_args()
    sources = discover([options.folder]).sources
    chosen = [each for each in sources if not options.part or options.part in Path(each.path).parts]
    texts = [(each.path, each.document.text) for each in chosen]
    started = time.perf_counter()
    lints = LazyLint(Settings(cache=False))(texts)
    between = time.perf_counter()
    opinions = SecondOpinion()(texts)
    seconds = between - started, time.perf_counter() - between
    templates = [Template(path, *results) for (path, _), *results in zip(texts, lints, opinions, strict=True)]
    print("\n".join(_report(templates, seconds, options.folder)))


def _report(templates: Sequence[Template], seconds: tuple[float, float], folder: str) -> Iterator[str]:
    judged = [each for each in templates if not each.lint.failed and not each.opinion.failed]
    theirs = [each for template in judged for each in _disagreements(template, from_validator=True)]
    ours = [each for template in judged for each in _disagreements(template, from_validator=False)]
    yield f"# {NAME} {validator_version()} and cfn-lint {cfn_lint_version()}\n"
    yield f"{len(templates)} templates; fatal findings, errors and warnings.\n"
    yield "| | findings | without a match in the other | seconds |\n|---|--:|--:|--:|"
    yield f"| {NAME} | {sum(len(each.opinion.matches) for each in judged)} | {len(theirs)} | {seconds[1]:.1f} |"
    yield f"| cfn-lint | {sum(len(_counting(each.lint)) for each in judged)} | {len(ours)} | {seconds[0]:.1f} |\n"
    clean = [each for each in judged if not any(match.rule[0] == "E" for match in each.lint.matches)]
    hit = sum(any(match.rule[0] in "FE" for match in each.opinion.matches) for each in clean)
    yield f"{hit} of the {len(clean)} templates without an error of cfn-lint have a fatal finding or error here.\n"
    for template in templates:
        for reason in filter(None, (template.lint.failed, template.opinion.failed)):
            yield f"- `{_shown(template.path, folder)}` was left out: {reason}"
    yield from _table(f"Reported only by {NAME}", theirs, folder)
    yield from _table("Reported only by cfn-lint", ours, folder)


def _disagreements(template: Template, from_validator: bool) -> Iterator[Disagreement]:
    """The findings of one tool without an equal of the other; each finding of the other answers for one."""
    validator, lint = template.opinion.matches, _counting(template.lint)
    own, other = (validator, lint) if from_validator else (lint, validator)
    answers = Counter(_identity(match) for match in other)
    beside = defaultdict(list)
    for match in other:
        beside[match.path[:2]].append(match.rule)
    for match in own:
        if answers[_identity(match)]:
            answers[_identity(match)] -= 1
        else:
            yield Disagreement(template.path, match, tuple(sorted(set(beside[match.path[:2]]))))


def _table(title: str, found: Iterable[Disagreement], folder: str) -> Iterator[str]:
    by_rule = defaultdict(list)
    for each in found:
        by_rule[each.match.rule].append(each)
    yield f"\n## {title}\n"
    yield "| rule | findings | templates | the other reports in the same entry | example |\n|---|--:|--:|---|---|"
    for rule, own in sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0])):
        others = Counter(name for each in own for name in each.others)
        beside = ", ".join(f"{name} ({number})" for name, number in others.most_common(3)) or "nothing"
        first = own[0]
        place = f"`{_shown(first.path, folder)}:{first.match.line}`"
        count = len({each.path for each in own})
        yield f"| {rule} | {len(own)} | {count} | {beside} | {place} {_cell(first.match.message)} |"


def _counting(result: LintResult) -> tuple[LintMatch, ...]:
    return tuple(match for match in result.matches if match.rule[0] in "EW")


def _identity(match: LintMatch) -> tuple[str, tuple[str | int, ...]]:
    return match.rule[1:], match.path[:2]


def _shown(path: str, folder: str) -> str:
    return os.path.relpath(path, folder)


def _cell(text: str) -> str:
    """Text for one cell of a table, without what Markdown would format."""
    line = " ".join(text.split())
    short = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return "".join(f"\\{each}" if each in "\\`*_[]|<~$" else each for each in short)


if __name__ == "__main__":
    main()
