"""What fixer does to a folder of real templates, and how long it takes: run it where fixer is installed.

    python benchmarks/real_templates.py FOLDER [--part before] [--only-speed | --only-repair]

1. Repair: (template, rule) pairs of cfn-lint errors and warnings before and after, rule by rule, for the templates
   below FOLDER in whose path a folder called PART stands (all, without): with default flags (at least 60 % gone) and
   with `--unsafe --undeployed` (at least 85 %); and what is new or revealed and was not there before (none).
2. Speed: one `fixer apply --unsafe --undeployed` over all templates below FOLDER to one plain `cfn-lint` call on the
   same files: at most 1.0 when nothing is cached, at most 0.1 in a second run.

Nothing is asserted: the corpus is the user's, and a timed test fails on a busy day.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from apply import _script

from fixer.inputs.discovery import discover
from fixer.model import LintMatch, Report
from fixer.run import commands as run
from fixer.settings import Settings

Pair = tuple[str, str]
"""(path of a template, id of a rule)."""

DEFAULT = Settings(today=date.today())
ALL = replace(DEFAULT, unsafe=True, undeployed=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--part", default="")
    parser.add_argument("--only-speed", action="store_true")
    parser.add_argument("--only-repair", action="store_true")
    options = parser.parse_args()
    paths = [source.path for source in discover([options.folder]).sources]
    chosen = [path for path in paths if not options.part or options.part in Path(path).parts]
    if not options.only_speed:
        _repair("default flags", chosen, DEFAULT, 60)
        _repair("--unsafe --undeployed", chosen, ALL, 85)
    if not options.only_repair:
        _speed(paths)


def _repair(title: str, paths: list[str], settings: Settings, target: int) -> None:
    report = run.apply(paths, settings)
    before, after = _pairs(report, "lint_before"), _pairs(report, "lint_after")
    gone, new = before - after, after - before
    print(f"{title}: {len(before)} pairs in {len(paths)} templates, {len(gone)} gone, {len(new)} that were not there")
    rules = Counter(rule for _, rule in before), Counter(rule for _, rule in gone), Counter(rule for _, rule in new)
    for rule in sorted({*rules[0], *rules[2]}, key=lambda rule: (-rules[0][rule], rule)):
        print(f"  {rule}  {rules[0][rule]:4} before  {rules[1][rule]:4} gone  {rules[2][rule]:4} new")
    share = 100 * len(gone) / max(1, len(before))
    print(f"  {share:.1f} % gone, at least {target} %")
    for said, lines in (("stays", _named(before - gone)), ("appeared", _named(new)), ("failed", _failed(report))):
        print("".join(f"  {said}: {line}\n" for line in lines), end="")
    print()


def _named(pairs: set[Pair]) -> list[str]:
    return [f"{rule} in {'/'.join(Path(path).parts[-3:])}" for path, rule in sorted(pairs, key=lambda pair: pair[::-1])]


def _pairs(report: Report, stage: str) -> set[Pair]:
    return {
        (template.path, match.rule) for template in report.templates for match in _counting(getattr(template, stage))
    }


def _counting(matches: Iterable[LintMatch] | None) -> Iterable[LintMatch]:
    return [match for match in matches or () if match.rule[0] in "EW"]


def _failed(report: Report) -> list[str]:
    wrong = ("failed", "unverified", "conflict")
    return [
        f"{each.finding.path} {each.finding.id}: {each.reason}" for each in report.resolutions if each.outcome in wrong
    ]


def _speed(paths: list[str]) -> None:
    fixer, cfn_lint = _script("fixer"), _script("cfn-lint")
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        command = [fixer, "apply", "--unsafe", "--undeployed", *paths]
        first = _seconds(command, environment)
        second = _seconds(command, environment)
    theirs = _seconds([cfn_lint, *paths], dict(os.environ))
    print(f"{len(paths)} templates: cfn-lint {theirs:.1f} s")
    print(f"  fixer apply {first:.1f} s    ratio {first / theirs:.2f}, at most 1.0")
    print(f"  fixer apply again {second:.1f} s    ratio {second / theirs:.2f}, at most 0.1")


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if "apply" in command and done.returncode == 2:  # A run that fails is fast and says nothing.
        raise SystemExit(done.stderr)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
