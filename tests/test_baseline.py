"""A baseline: what was there before is not told of, what is new is."""

import json
import re
from pathlib import Path

import pytest
from test_cli import fixer

from fixer.errors import BadConfig
from fixer.inputs import baseline

TEMPLATE = """Resources:
  Topic:
    Type: AWS::SNS::Topic
  Subscription:
    Type: AWS::SNS::Subscription
    DependsOn: Topic
    Properties:
      TopicArn: !Ref Topic
      Protocol: email
      Endpoint: ops@example.com
"""


def test_what_is_in_the_baseline_is_not_told_of_wherever_it_moves(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    template = tmp_path / "lib" / "t.yaml"
    template.write_text(TEMPLATE)
    written = fixer("check", "lib", "--write-baseline", "baseline.json", cwd=tmp_path)
    assert written.returncode == 0 and "1 finding recorded in baseline.json." in written.stderr
    [entry] = json.loads((tmp_path / "baseline.json").read_text())["findings"]
    assert (entry["id"], entry["path"], entry["place"]) == (
        "redundant-depends-on",
        "lib/t.yaml",
        "/Resources/Subscription/DependsOn",
    )

    template.write_text("# a word\n" + TEMPLATE)
    known = fixer("check", "t.yaml", "--baseline", "../baseline.json", cwd=tmp_path / "lib")
    assert known.returncode == 0 and "0 findings in 1 template (1 suppressed)." in known.stderr
    (tmp_path / ".fixer.toml").write_text('baseline = "baseline.json"\n')
    left = fixer("apply", "lib/t.yaml", "--write", cwd=tmp_path)
    assert left.returncode == 0 and template.read_text() == "# a word\n" + TEMPLATE

    template.write_text(
        TEMPLATE
        + TEMPLATE.partition("Resources:\n")[2]
        .replace("Topic:", "Other:")
        .replace("Subscription:", "Second:")
        .replace("DependsOn: Topic", "DependsOn: Other")
        .replace("!Ref Topic", "!Ref Other")
    )
    found = fixer("check", "lib/t.yaml", "--format", "concise", cwd=tmp_path)
    assert found.returncode == 1
    assert found.stdout.startswith("lib/t.yaml:15:5: warning redundant-depends-on (W3005) [*safe] 'Other' dependency")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [1]}']
)
def test_a_file_that_is_no_baseline_is_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "b.json"
    file.write_text(content)
    with pytest.raises(BadConfig, match=r"is not a baseline|is a baseline of version 2"):
        baseline.load(str(file))
    with pytest.raises(BadConfig, match="does not exist"):
        baseline.load(str(tmp_path / "absent"))


def test_check_says_what_cfn_lint_reports_and_nothing_repairs(tmp_path: Path) -> None:
    record = """  Record:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: Z1
      Name: a.example.com.
      Type: A
      TTL: 60
      ResourceRecords: [nowhere]
"""
    (tmp_path / "t.yaml").write_text(TEMPLATE + record)
    done = fixer("check", "t.yaml", cwd=tmp_path)
    assert done.stderr == "2 findings in 1 template: 1 repaired by `fixer apply`, 1 not repairable.\n"
    assert "no transform repairs this cfn-lint error" in done.stdout
    assert re.search(r"^  \d+:\d+ +error +E3023$", done.stdout, flags=re.M)
    less = fixer("check", "t.yaml", "--only-repairable", cwd=tmp_path)
    assert "E3023" not in less.stdout
    assert less.stderr == (
        "1 finding in 1 template: 1 repaired by `fixer apply`.\n"
        "cfn-lint also reports E3023: not repaired by any transform of this run.\n"
    )
    assert fixer("apply", "t.yaml", "--write", "-q", cwd=tmp_path).returncode == 0
    left = fixer("check", "t.yaml", cwd=tmp_path)
    assert (left.returncode, left.stderr) == (1, "1 finding in 1 template: 1 not repairable.\n")
    record_it = fixer("check", "t.yaml", "--write-baseline", "b.json", cwd=tmp_path)
    assert record_it.returncode == 0
    calm = fixer("check", "t.yaml", "--baseline", "b.json", cwd=tmp_path)
    assert (calm.returncode, calm.stdout) == (0, "")
