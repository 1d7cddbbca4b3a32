"""How much damage fixer repairs: correct templates are damaged, one fault each, and repaired.

    python benchmarks/damage.py FOLDER [--part after] [--templates 60] [--each 4] [--seed 1]

The templates are those below FOLDER in whose path a folder called PART stands and that have no cfn-lint error. Each
gets EACH kinds of damage (benchmarks/damage_kinds.py). A repair counts if no error is left and nothing is invented:
every name and value of the result is in the undamaged template, in the damaged one, or in what fixer makes of the
undamaged one. First with default flags, then with `--unsafe --undeployed`. At least 55 % should have no error and no
invention; no repair should invent. Nothing is asserted, because the corpus is the user's.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

from damage_kinds import KINDS

from fixer import pointer
from fixer.cloudformation.template import Template
from fixer.document import parse
from fixer.errors import FixerError
from fixer.inputs.discovery import discover
from fixer.model import Json, Report, TemplateReport
from fixer.run import commands as run
from fixer.settings import Settings

DEFAULT = Settings(today=date.today(), undeployed=True)
ALL = replace(DEFAULT, unsafe=True)


@dataclass(frozen=True)
class Case:
    """One damaged file: the kind of damage, its number, and the data before the damage and as fixer leaves it."""

    kind: str
    path: str
    damaged: Json
    whole: Json
    repaired: Json


@dataclass(frozen=True)
class Result:
    """What fixer made of one damaged file."""

    case: Case
    errors: tuple[str, ...]
    invented: tuple[str, ...]
    exact: bool
    reasons: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--part", default="after")
    parser.add_argument("--templates", type=int, default=60)
    parser.add_argument("--each", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    options = parser.parse_args()
    found = [source.path for source in discover([options.folder]).sources]
    paths = [path for path in found if options.part in Path(path).parts]
    paths = sorted(paths, key=lambda path: Path(path).stat().st_size)
    with tempfile.TemporaryDirectory() as folder:
        whole = correct(paths, options.templates, Path(folder))
        cases = list(damaged(whole, Path(folder), options.kinds.split(","), options.each, options.seed))
        texts = {case.path: Path(case.path).read_text() for case in cases}
        results = repaired(cases, DEFAULT)
        show(f"default flags: {len(cases)} damaged files of {len(whole)} templates", results)
        rest = [result.case for result in results if result.errors]
        for path, text in texts.items():
            Path(path).write_text(text)
        done = [result for result in results if not result.errors]
        show("and with --unsafe for the rest", [*done, *repaired(rest, ALL)])


def correct(paths: Sequence[str], most: int, folder: Path) -> list[TemplateReport]:
    """The reports of the first templates that have no error of cfn-lint, each copied into a folder of its own."""
    copies = [folder / f"whole-{number}" / Path(path).name for number, path in enumerate(paths)]
    for path, copy in zip(paths, copies, strict=True):
        copy.parent.mkdir()
        copy.write_bytes(Path(path).read_bytes())
    reports = run.apply(map(str, copies), ALL).templates
    return [each for each in reports if not list(_errors(each, "lint_before"))][:most]


def damaged(
    whole: Sequence[TemplateReport], folder: Path, kinds: Sequence[str], each: int, seed: int
) -> Iterator[Case]:
    """Writes the damaged files, each into a folder of its own."""
    for number, report in enumerate(whole):
        document = parse(report.before, Path(report.path).name)
        template = Template(report.path, document)
        random = Random(f"{seed}-{number}")
        made = 0
        for kind in random.sample(kinds, len(kinds)):
            ops = KINDS[kind](template, random) if made < each else []
            if not ops:
                continue
            made += 1
            target = folder / f"{number}-{kind}" / Path(report.path).name
            target.parent.mkdir()
            try:
                after = document.apply(ops)
            except FixerError:
                continue
            target.write_text(after.text)
            repaired_whole = parse(report.after, document.path).data
            yield Case(kind, str(target), after.data, document.data, repaired_whole)


def repaired(cases: Sequence[Case], settings: Settings) -> list[Result]:
    """What fixer makes of the cases, each as a project of its own."""
    report = run.apply([case.path for case in cases], settings) if cases else Report()
    by_path = {each.path: each for each in report.templates}
    return [_result(case, by_path[case.path]) for case in cases if case.path in by_path]


def _result(case: Case, report: TemplateReport) -> Result:
    data = parse(report.after, case.path).data
    known = {*_words(case.damaged), *_words(case.whole), *_words(case.repaired)}
    errors = tuple(_errors(report, "lint_after"))
    reasons = tuple(f"{each.finding.id} {each.outcome} [{each.tier}]: {each.reason}" for each in report.resolutions)
    return Result(case, errors, tuple(sorted(_words(data) - known)), data in (case.whole, case.repaired), reasons)


def _words(data: Json) -> set[str]:
    """Every key and every plain value."""
    return {
        str(each)
        for place, value in pointer.walk(data)
        for each in (*pointer.split(place)[-1:], *([value] if not isinstance(value, dict | list) else []))
        if not str(each).isdigit() or not isinstance(each, str)
    }


def _errors(report: TemplateReport, stage: str) -> Iterator[str]:
    for match in getattr(report, stage) or ():
        if match.rule.startswith("E"):
            yield f"{match.rule} {match.message[:110]}"


def show(title: str, results: Sequence[Result]) -> None:
    good = [each for each in results if not each.errors and not each.invented]
    exact = [each for each in good if each.exact]
    invented = [each for each in results if each.invented]
    share = 100 * len(good) / max(1, len(results))
    print(f"{title}: {share:.1f} % of {len(results)} have no error and no invention; {len(exact)} are exact;", end=" ")
    print(f"{len(invented)} with inventions")
    every, right = Counter(each.case.kind for each in results), Counter(each.case.kind for each in good)
    for kind in sorted(every):
        print(f"  {kind:20} {right[kind]:4} of {every[kind]:4}")
    for each in good:
        if each not in exact:
            print(f"  {each.case.path.split('/')[-2]}: no error, but not the undamaged data")
    for each in results:
        if each not in good:
            print(f"  {each.case.path.split('/')[-2]}: {'; '.join(each.errors[:2])} INVENTED {each.invented[:3]}")
            print("".join(f"      {reason}\n" for reason in each.reasons), end="")
    print()


if __name__ == "__main__":
    main()
