"""Many runs in one process: what a run knows goes with it, or has a limit."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import fixer

RUNS = 15
WARM = 10
"""Runs after which the caches that hold the last few templates are full."""

MANY = f"""
import gc, json
from pathlib import Path
from fixer.run import commands as run
from fixer.settings import Settings

def text(n):
    named = {{"Name": {{"Fn::Sub": f"{{n}} ${{{{P}}}}"}}}}
    names = [f"{{n}}x{{i}}" for i in range(20)]
    resources = {{f"R{{name}}": {{"Type": f"AWS::Nobody::Knows{{name}}", "Properties": named}} for name in names}}
    rule = {{"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "CidrIp": "0.0.0.0/0"}}
    group = {{"GroupDescription": f"group {{n}}", "SecurityGroupIngress": [rule]}}
    resources["G"] = {{"Type": "AWS::EC2::SecurityGroup", "Properties": group}}
    parameters = {{"P": {{"Type": "String", "AllowedPattern": f"[a-z]{{{{{{n}}}}}}"}}}}
    return json.dumps({{"Parameters": parameters, "Resources": resources}})

settings = Settings(cache=False, jobs=1)
for n in range({RUNS}):
    Path("t.json").write_text(text(n))
    report = run.apply(["t.json"], settings)
    assert not report.errors and sum(1 for each in report.resolutions) >= 1
    gc.collect()
    print(len(gc.get_objects()))
"""


def test_runs_leave_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", MANY], cwd=tmp_path, capture_output=True, text=True, check=False)
    counts = [int(line) for line in done.stdout.split()]
    assert len(counts) == RUNS, done.stderr
    # The rest is what is known of the 20 types of a template, in caches with a limit.
    assert counts[-1] - counts[WARM] < (RUNS - WARM) * 60, counts


def test_every_cache_has_a_limit() -> None:
    """A cache without a limit may only be for a function that nothing of a template reaches."""
    endless = set()
    for found in pkgutil.walk_packages(fixer.__path__, "fixer."):
        if found.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(found.name)).values():
            if (
                hasattr(value, "cache_info")
                and value.cache_info().maxsize is None
                and inspect.signature(value).parameters
            ):
                endless.add(f"{value.__module__}.{value.__name__}")
    assert endless == {"fixer.run.report_codec._hints"}, "of the classes of a report, which are few"
