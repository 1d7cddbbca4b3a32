"""The command as a user meets it: exit codes, streams, and what bad input gets. Real processes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import jsonpatch
import pytest

FLAWED = """{
  "Parameters": {
    "DBUsername": {
      "Type": "String", "Default": "admin", "NoEcho": true, "MinLength": 1, "MaxLength": 16, "AllowedPattern": "[a-z]+"
    },
    "VpcId": {"Type": "AWS::EC2::VPC::Id"}
  },
  "Resources": {
    "Group": {
      "Type": "AWS::EC2::SecurityGroup",
      "Properties": {
        "GroupDescription": "Database of 500 users",
        "VpcId": {"Ref": "VpcId"},
        "SecurityGroupIngress": [
          {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "0.0.0.0/0", "Description": "PostgreSQL"}
        ]
      }
    },
    "Cluster": {
      "Type": "AWS::RDS::DBCluster",
      "DeletionPolicy": "Snapshot",
      "UpdateReplacePolicy": "Snapshot",
      "Properties": {
        "Engine": "aurora-postgresql",
        "MasterUsername": {"Ref": "DBUsername"},
        "ManageMasterUserPassword": true,
        "VpcSecurityGroupIds": [{"Ref": "Group"}]
      }
    }
  }
}
"""
VALUE = "permissive-ingress.vpc_cidr=10.20.0.0/16"


def fixer(
    *arguments: str | Path, cwd: Path, given: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "fixer", *map(str, arguments)],
        input=given,
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    file = tmp_path / "lib" / "TapStack.json"
    file.parent.mkdir()
    file.write_text(FLAWED)
    return file


def test_check_lists_findings_and_exits_1(flawed: Path, tmp_path: Path) -> None:
    done = fixer("check", "lib/TapStack.json", cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "lib/TapStack.json"
    assert [line.split() for line in lines if line[2:3].isdigit()] == [
        ["4:45", "warning", "[*safe]", "noecho-username"],
        ["15:67", "warning", "[needs-value]", "permissive-ingress"],
    ]
    assert lines[3].startswith('      4 |       "Type": "String", "Default": "admin", "NoEcho": true, "MinLe')
    assert lines[4] == "        |                                             ^^^^^^^^"
    assert "--set permissive-ingress.vpc_cidr=" in done.stdout
    assert done.stderr == (
        "2 findings in 1 template: 1 repaired by `fixer apply`, 1 after --set.\n"
        "cfn-lint also reports W1030: not repaired by any transform of this run.\n"
    )
    assert fixer("check", "lib", "--exit-zero", cwd=tmp_path).returncode == 0
    assert "\x1b" not in done.stdout + done.stderr


def test_a_dry_run_prints_a_diff_that_git_applies_and_write_writes_the_same(flawed: Path, tmp_path: Path) -> None:
    dry = fixer("apply", "lib/TapStack.json", "--set", VALUE, cwd=tmp_path)
    assert dry.returncode == 1
    assert flawed.read_text() == FLAWED
    impacts, _, diff = dry.stdout.partition("--- ")
    assert diff.startswith("a/lib/TapStack.json\n+++ b/lib/TapStack.json\n@@ ")
    assert impacts.splitlines() == [
        "# permissive-ingress [review]: updates Group; adds parameter VpcCidr",
        "# noecho-username [safe]: changes nothing that is deployed",
    ]
    subprocess.run(["git", "apply", "-"], input=dry.stdout.encode(), cwd=tmp_path, check=True)
    by_git = flawed.read_bytes()
    flawed.write_text(FLAWED)
    wet = fixer("apply", "lib/TapStack.json", "--set", VALUE, "--write", cwd=tmp_path)
    assert (wet.returncode, wet.stderr) == (0, "")
    assert flawed.read_bytes() == by_git
    assert '"NoEcho"' not in flawed.read_text() and '"0.0.0.0/0"' not in flawed.read_text()
    assert "2 applied" in wet.stdout
    again = fixer("apply", "lib/TapStack.json", "--set", VALUE, "--write", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "1 template: nothing to repair.\n")
    assert flawed.read_bytes() == by_git


def test_what_needs_a_value_is_told_and_is_no_failure(flawed: Path, tmp_path: Path) -> None:
    done = fixer("apply", "lib", "--write", cwd=tmp_path)
    assert done.returncode == 0
    assert "set it with --set permissive-ingress.vpc_cidr=" in done.stdout
    assert "1 applied, 1 waiting for a value" in done.stdout


def test_the_json_report(flawed: Path, tmp_path: Path) -> None:
    done = fixer("apply", "lib", "--set", VALUE, "--format", "json", "--output", "report.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["version"] == 1 and set(report["tool"]) == {"fixer", "cfn-lint"}
    [template] = report["templates"]
    assert (template["path"], template["changed"]) == ("lib/TapStack.json", True)
    assert template["lint"]["new"] == [] and template["lint"]["before"] >= template["lint"]["after"]
    assert [finding["outcome"] for finding in template["findings"]] == ["would-apply", "would-apply"]
    assert set(template["findings"][0]) == {
        "id", "pointer", "line", "column", "message", "severity", "tier", "impact", "notes", "outcome", "reason",
        "patches",
    }  # fmt: skip
    ops = [op for finding in reversed(template["findings"]) for op in finding["patches"]["lib/TapStack.json"]]
    assert "NoEcho" not in jsonpatch.apply_patch(json.loads(FLAWED), ops)["Parameters"]["DBUsername"]
    assert report["summary"] == {
        "found": 2, "applied": 0, "would_apply": 2, "skipped": 0, "needs_value": 0, "failed": 0, "suppressed": 0
    }  # fmt: skip


def test_patches_are_written_and_patch_applies_them_to_the_same_text(flawed: Path, tmp_path: Path) -> None:
    assert fixer("apply", "lib", "--set", VALUE, "--no-lint", "--patches", "out", cwd=tmp_path).returncode == 1
    patches = sorted((tmp_path / "out").iterdir())
    assert [patch.name for patch in patches] == [
        "TapStack.json.01.permissive-ingress.json",
        "TapStack.json.02.noecho-username.json",
    ]
    copy = tmp_path / "copy.json"
    copy.write_text(FLAWED)
    for patch in patches:
        assert fixer("patch", "copy.json", patch, "--write", cwd=tmp_path).returncode == 0
    fixer("apply", "lib", "--set", VALUE, "--no-lint", "--write", cwd=tmp_path)
    assert copy.read_text() == flawed.read_text()
    assert fixer("patch", "copy.json", patches[0], "--write", cwd=tmp_path).returncode == 2


def test_standard_input_gives_standard_output(tmp_path: Path) -> None:
    done = fixer("apply", "-", "--set", VALUE, "--no-lint", "--write", cwd=tmp_path, given=FLAWED.encode())
    assert done.returncode == 0
    assert json.loads(done.stdout)["Parameters"]["DBUsername"].keys().isdisjoint({"NoEcho"})
    assert "2 applied" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_diff_gives_the_patch_that_patch_takes(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": [1, 2],\n "b": true}\n')
    (tmp_path / "b.json").write_text('{"a": [1, 3, 2], "b": 1}')
    done = fixer("diff", "a.json", "b.json", cwd=tmp_path)
    assert done.returncode == 1
    (tmp_path / "p.json").write_text(done.stdout)
    assert fixer("patch", "a.json", "p.json", "--write", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.json").read_text() == '{"a": [1, 3, 2],\n "b": 1}\n'
    same = fixer("diff", "a.json", "b.json", cwd=tmp_path)
    assert (same.returncode, same.stdout) == (0, "[]\n")


def test_select_and_ignore(flawed: Path, tmp_path: Path) -> None:
    assert fixer("check", "lib", "--select", "noecho-username", cwd=tmp_path).stdout.count("lib/") == 1
    assert fixer("check", "lib", "--ignore", "noecho-username,permissive-ingress", cwd=tmp_path).returncode == 0
    (tmp_path / ".fixer.toml").write_text(
        'ignore = ["noecho-username"]\n[set.permissive-ingress]\nvpc_cidr = "10.9.0.0/16"\n'
    )
    assert "10.9.0.0/16" in fixer("apply", "lib", "--no-lint", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "lib", "--select", "noecho-user"], "did you mean 'noecho-username'?"),
        (["check", "lib", "--select", "W9999"], "the rule W9999 is not repaired by any transform"),
        (["check", "lib", "--set", "permissive-ingress.vpc_cidr"], "ID.NAME=VALUE"),
        (["check", "lib", "--set", "permissive-ingress.cidr=1"], "does not have the option 'cidr'"),
        (["check", "lib", "--set", "permissive-ingress.vpc_cidr=10.0.0.0/8"], "vpc_cidr=10.0.0.0/8"),
        (["check", "lib", "--require", "vcp"], "unknown requirement 'vcp': use vpc, "),
        (["apply", "lib", "--region", "mars-north-1"], "mars-north-1"),
        (["explain", "nothing"], "unknown transform 'nothing'"),
        (["patch", "lib/TapStack.json", "lib/missing.json"], "cannot be read: No such file"),
        (["apply"], "Missing argument"),
    ],
)
def test_a_wrong_call_is_one_clear_line_and_exit_2(
    flawed: Path, tmp_path: Path, arguments: Sequence[str], words: str
) -> None:
    done = fixer(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_a_wrong_configuration_names_its_file(flawed: Path, tmp_path: Path) -> None:
    for text, words in (("selct = []", "did you mean 'select'?"), ("select = 1", "a list of strings"), ("[", "TOML")):
        (tmp_path / ".fixer.toml").write_text(text)
        done = fixer("check", "lib", cwd=tmp_path)
        assert done.returncode == 2
        assert ".fixer.toml" in done.stderr and words in done.stderr


BAD_INPUT = [
    ("truncated", FLAWED[:200].encode(), ":6:23: is not valid JSON: unterminated string\n"),
    ("brackets", b"[" * 1_000_000, "nested too deeply"),
    ("utf-16", FLAWED.encode("utf-16"), "is UTF-16; a template must be UTF-8"),
    ("binary", b"\x7fELF\x02\x01\x01\x00\x00\xff\xfe" * 10, ":1:"),
    ("latin-1", b'{"Resources": "\xe9"}', ":1:16: is not UTF-8 (byte 0xe9)"),
    ("null", b'{"a": "\0"}', "null character"),
    ("empty", b"", "is empty"),
    ("no template", b'{"Resources": {"a": 1}, "AWS::": 1}', "is not a CloudFormation template"),
    ("a list", b"[1, 2]", "is not a CloudFormation template"),
    ("huge number", b'{"a": ' + b"1" * 5000 + b"}", "digits"),
    ("not a number", b'{"a": NaN}', ":1:7: is not valid JSON: NaN"),
    ("comment", b'{"a": 1 // one\n}', ":1:9:"),
]


@pytest.mark.parametrize(("data", "words"), [case[1:] for case in BAD_INPUT], ids=[case[0] for case in BAD_INPUT])
def test_bad_input_is_one_line_exit_2_and_the_other_paths_go_on(
    flawed: Path, tmp_path: Path, data: bytes, words: str
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(data)
    done = fixer("apply", "bad.json", "lib", "--no-lint", "--write", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("fixer: bad.json:") and done.stderr.count("\n") == 1
    assert words in done.stderr
    assert bad.read_bytes() == data
    assert "NoEcho" not in flawed.read_text()


def test_missing_file_and_folder_without_templates(tmp_path: Path) -> None:
    done = fixer("check", "nowhere.json", cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2, "fixer: nowhere.json: cannot be read: No such file or directory"
    )  # fmt: skip
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "broken.json").write_text('{"name": ')
    done = fixer("check", ".", cwd=tmp_path)
    assert done.returncode == 0
    assert "this folder contains no templates" in done.stderr
    (tmp_path / "broken.json").write_text('{"Type": "AWS::S3::Bucket" ')
    assert fixer("check", ".", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("form", ["bom", "crlf", "no newline", "minified", "tabs"])
def test_odd_but_good_forms_are_repaired_and_kept(tmp_path: Path, form: str) -> None:
    text = {
        "bom": "\ufeff" + FLAWED,
        "crlf": FLAWED.replace("\n", "\r\n"),
        "no newline": FLAWED.rstrip(),
        "minified": json.dumps(json.loads(FLAWED), separators=(",", ":")),
        "tabs": json.dumps(json.loads(FLAWED), indent="\t"),
    }[form]
    file = tmp_path / "a.json"
    file.write_bytes(text.encode())
    assert fixer("apply", "a.json", "--set", VALUE, "--no-lint", "--write", cwd=tmp_path).returncode == 0
    after = file.read_bytes().decode()
    data = json.loads(after.removeprefix("\ufeff"))
    assert "NoEcho" not in data["Parameters"]["DBUsername"] and "VpcCidr" in data["Parameters"]
    assert after.startswith("\ufeff") == (form == "bom")
    assert after.endswith("\n") == text.endswith("\n")
    assert after.replace("\r\n", "").count("\n") == (0 if form in ("crlf", "minified") else after.count("\n"))
    assert (form == "minified") == (": " not in after)


def test_a_duplicate_key_at_the_place_to_edit_is_refused_with_its_line(tmp_path: Path) -> None:
    text = FLAWED.replace('"NoEcho": true,', '"NoEcho": true, "NoEcho": true,')
    (tmp_path / "a.json").write_text(text)
    done = fixer("apply", "a.json", "--select", "noecho-username", "--no-lint", "--write", cwd=tmp_path)
    assert done.returncode == 1
    assert "the key 'NoEcho' is there more than once (line 4)" in " ".join(done.stdout.split())
    assert (tmp_path / "a.json").read_text() == text


def test_metadata_null_is_no_traceback(flawed: Path, tmp_path: Path) -> None:
    flawed.write_text(FLAWED.replace('{\n  "Parameters"', '{\n  "Metadata": null,\n  "Parameters"', 1))
    before = flawed.read_bytes()
    done = fixer("apply", "lib", "--write", cwd=tmp_path)
    assert done.returncode == 2
    assert "cfn-lint cannot check lib/TapStack.json" in " ".join(done.stdout.split())
    assert flawed.read_bytes() == before


def test_a_cfnlintrc_that_would_run_code_is_ignored_with_a_warning(flawed: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()")
    (tmp_path / ".cfnlintrc").write_text("append_rules: [rules]\n")
    done = fixer("apply", "lib", "--write", cwd=tmp_path)
    assert done.returncode == 0
    assert "append_rules" in done.stderr and "warning" in done.stderr
    assert not (tmp_path / "ran").exists()
    assert "NoEcho" not in flawed.read_text()


def test_a_file_of_many_megabytes_gets_an_answer(tmp_path: Path) -> None:
    """Ten megabytes, or fifty with FIXER_ALL_CASES: a minute with fixer's limit of 64 on a slow machine."""
    entries = 500_000 if os.environ.get("FIXER_ALL_CASES") else 100_000
    filler = json.dumps({f"k{n}": "x" * 90 for n in range(entries)}, indent=1)
    (tmp_path / "big.json").write_text(
        FLAWED.replace('{\n  "Parameters"', f'{{\n  "Metadata": {filler},\n  "Parameters"', 1)
    )
    assert (tmp_path / "big.json").stat().st_size > entries * 100
    done = fixer("apply", "big.json", "--no-lint", "--set", VALUE, "--write", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 applied" in done.stdout


def test_names_from_a_template_do_not_reach_the_terminal_raw(tmp_path: Path) -> None:
    text = FLAWED.replace("DBUsername", "DB\\u001b[2JUsername")
    (tmp_path / "a.json").write_text(text)
    done = fixer("check", "a.json", cwd=tmp_path)
    assert "\x1b" not in done.stdout and "\\x1b[2J" in done.stdout


def test_list_explain_and_version(tmp_path: Path) -> None:
    listed = fixer("list", cwd=tmp_path).stdout
    assert [line.split()[0] for line in listed.splitlines()][:12] == [
        "missing-vpc", "missing-vpc-peering", "permissive-ingress", "hardcoded-ami", "optional-key-pair",
        "calculated-health-check", "health-check-parameter", "missing-dashboard", "topic-without-subscription",
        "enhanced-monitoring", "backup-window-overlap", "unknown-log-export",
    ]  # fmt: skip
    assert re.search(r"^redundant-depends-on +safe +W3005 +A DependsOn that", listed, re.M)
    explained = fixer("explain", "permissive-ingress", cwd=tmp_path).stdout
    assert "Why it fails:" in explained and "--set permissive-ingress.vpc_cidr=VALUE" in explained
    assert fixer("--version", cwd=tmp_path).stdout.startswith("fixer 0.")


YAML = """\
# Who may do what
Parameters:
  DBUser:  # the owner
    Type: String
    NoEcho: yes   # hidden
    MinLength: 1
    MaxLength: 16
    AllowedPattern: '[a-z]+'
Resources:
  Cluster:
    Type: AWS::RDS::DBCluster
    DeletionPolicy: Snapshot
    UpdateReplacePolicy: Snapshot
    Properties:
      Engine: aurora-mysql
      MasterUsername: !Ref DBUser
      ManageMasterUserPassword: true
"""


def test_yaml_is_repaired_like_json_with_its_comments(tmp_path: Path) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text(YAML)
    shown = fixer("check", "stack.yaml", "--format", "concise", cwd=tmp_path).stdout
    assert shown.startswith("stack.yaml:5:5: warning noecho-username [*review]")
    done = fixer("apply", "stack.yaml", "--write", "--patches", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert file.read_text() == YAML.replace("    NoEcho: yes   # hidden\n", "")
    (tmp_path / "copy.yaml").write_text(YAML)
    [patch] = (tmp_path / "out").iterdir()
    assert fixer("patch", "copy.yaml", patch, "--write", cwd=tmp_path).returncode == 0
    assert (tmp_path / "copy.yaml").read_text() == file.read_text()
    (tmp_path / "old.yaml").write_text(YAML)
    assert json.loads(fixer("diff", "old.yaml", "copy.yaml", cwd=tmp_path).stdout) == [
        {"op": "remove", "path": "/Parameters/DBUser/NoEcho"}
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Resources:\n  A: [AWS::X\n", "bad.yaml:3:1: is not valid YAML"),
        ("a: 1\n---\nb: 2\n", "bad.yaml:3:1: is not valid YAML: a template must be one document"),
        ("a: " + "[" * 200_000, "nested too deeply"),
        ("just text", "is not a CloudFormation template"),
        ("a: !!binary aGk=\n", "bad.yaml:1:4: is not valid YAML: CloudFormation does not know values of type binary"),
    ],
)
def test_bad_yaml_is_one_line_and_exit_2(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    done = fixer("check", "bad.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr and "Traceback" not in done.stderr
