"""What scanners find before and after fixer: one line for each judge.

    benchmarks/scanners/install.sh JUDGES
    python benchmarks/scanners/compare.py JUDGES TEMPLATES [--packs NAME,..] [--only GLOB]

Each template is copied into its own folder and repaired with `fixer apply --pack ... --unsafe --undeployed`. Trivy,
Checkov, cfn-guard (the rules of AWS Control Tower) and cloudformation-validate judge it before and after, offline. A
finding is new if its rule fails more often in a file than before.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Findings = Counter[tuple[str, str]]
"""(file, rule) → how often the rule fails there."""

PACKS = "security,resilience,operations"
_SEVERE = ("HIGH", "CRITICAL")


@dataclass(frozen=True)
class Judge:
    """A tool: its name in the table, and what it finds in a folder."""

    name: str
    find: Callable[[Path, Path], Findings]


def trivy(judges: Path, folder: Path, severe: bool = False) -> Findings:
    """The failed checks of Trivy; with `severe`, only those of severity HIGH and CRITICAL."""
    command = [judges / "bin" / "trivy", "config", "--skip-check-update", "--skip-version-check", "--quiet"]
    found: Findings = Counter()
    for result in _json([*command, "--format", "json", folder]).get("Results") or ():
        for each in result.get("Misconfigurations") or ():
            if each["Status"] == "FAIL" and (not severe or each["Severity"] in _SEVERE):
                found[result["Target"], each["ID"]] += 1
    return found


def checkov(judges: Path, folder: Path) -> Findings:
    """The failed checks of Checkov."""
    options = ["--framework", "cloudformation", "--output", "json", "--quiet", "--compact"]
    reports = _json([judges / "bin" / "checkov", "--directory", folder, *options])
    found: Findings = Counter()
    for report in reports if isinstance(reports, list) else [reports]:
        for each in report.get("results", {}).get("failed_checks", ()):
            found[each["file_path"].lstrip("/"), each["check_id"]] += 1
    return found


def guard(judges: Path, folder: Path) -> Findings:
    """The rules of AWS Control Tower that fail, once for each resource."""
    options = ["--output-format", "json", "--structured", "--show-summary", "none"]
    found: Findings = Counter()
    for report in _json([judges / "bin" / "cfn-guard", "validate", "-d", folder, "-r", judges / "rules", *options]):
        for each in report.get("not_compliant", ()):
            names = set(re.findall(r"/Resources/(\w+)", json.dumps(each["Rule"])))
            found[str(Path(report["name"]).relative_to(folder.resolve())), each["Rule"]["name"]] += len(names) or 1
    return found


def validator(judges: Path, folder: Path) -> Findings:
    """The fatal faults, errors and warnings of cloudformation-validate."""
    from fixer.aws.second_opinion import SecondOpinion

    files = sorted(file for file in folder.rglob("*") if file.is_file())
    results = SecondOpinion()([(str(file), file.read_text(encoding="utf-8")) for file in files])
    found: Findings = Counter()
    for file, result in zip(files, results, strict=True):
        for match in result.matches:
            found[str(file.relative_to(folder)), match.rule] += 1
    return found


JUDGES = (
    Judge("Trivy", trivy),
    Judge("Trivy HIGH, CRITICAL", lambda judges, folder: trivy(judges, folder, severe=True)),
    Judge("Checkov", checkov),
    Judge("cfn-guard, Control Tower", guard),
    Judge("cloudformation-validate", validator),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("judges", type=Path)
    parser.add_argument("templates", type=Path)
    parser.add_argument("--packs", default=PACKS)
    parser.add_argument("--only", default="**/*", help="which files of the folder are templates")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before").resolve(), Path(folder, "after").resolve()
        count = _copied(options.templates, options.only, before)
        shutil.copytree(before, after)
        command = [sys.executable, "-m", "fixer", "apply", after, "--pack", options.packs, "--unsafe", "--undeployed"]
        subprocess.run([*command, "--write", "--no-cache", "--exit-zero", "-j", "1"], check=False, capture_output=True)
        print(f"{count} templates\n\n| judge | before | after | gone | new |\n|---|---|---|---|---|")
        for judge in JUDGES:
            print(_row(judge.name, judge.find(options.judges, before), judge.find(options.judges, after)), flush=True)


def _row(name: str, before: Findings, after: Findings) -> str:
    first, last, new = before.total(), after.total(), (after - before).total()
    return f"| {name} | {first:,} | {last:,} | {1 - last / max(first, 1):.0%} | {new} |"


def _copied(source: Path, only: str, target: Path) -> int:
    """Copies each template into a folder of its own, so that it is a project of its own."""
    files = [file for file in sorted(source.glob(only)) if file.suffix in (".json", ".yaml", ".yml") and file.is_file()]
    for file in files:
        folder = target / "_".join(file.relative_to(source).with_suffix("").parts)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file.name).write_bytes(file.read_bytes())
    return len(files)


def _json(command: list[Any]) -> Any:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    return json.loads(done.stdout or "{}")


if __name__ == "__main__":
    main()
