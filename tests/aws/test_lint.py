import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fixer
from fixer.aws.forks import cores
from fixer.aws.lint import Linter, version
from fixer.errors import BadConfig
from fixer.model import LintResult

GOOD = '{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}'
BAD = '{"Resources": {"A": {"Type": "AWS::SNS::Topi"}}}'
UNUSED = '{"Parameters": {"P": {"Type": "String"}}, "Resources": {"A": {"Type": "AWS::SNS::Topic"}}}'

Configure = Callable[..., Path]


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Makes an empty folder the current one, and another the home directory; writes the .cfnlintrc of either."""
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))

    def write(project: object = None, user: object = None) -> Path:
        for folder, settings in ((here, project), (home, user)):
            if settings is not None:
                text = settings if isinstance(settings, str) else json.dumps(settings)
                (folder / ".cfnlintrc").write_text(text)
        return here

    return write


def _rules(result: LintResult) -> list[str]:
    assert not result.failed
    return [match.rule for match in result.matches]


def _with(settings: object, text: str = UNUSED) -> str:
    return json.dumps({"Metadata": {"cfn-lint": {"config": settings}}, **json.loads(text)})


def _run(code: str, *arguments: str) -> str:
    """What a Python process in the current folder prints on standard output."""
    environment = {**os.environ, "PYTHONPATH": str(Path(fixer.__file__).parents[1])}
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    return run.stdout


def test_lints_the_text_and_not_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(BAD)
    assert _rules(Linter().lint(str(file), GOOD)) == []
    assert _rules(Linter().lint(str(tmp_path / "absent.json"), BAD)) == ["E3006"]


def test_matches_are_plain_values() -> None:
    (match,) = Linter().lint("a.json", BAD).matches
    assert (match.rule, match.severity, match.path, match.line, match.column) == (
        "E3006",
        "error",
        ("Resources", "A", "Type"),
        1,
        22,
    )
    assert [type(part) for part in match.path] == [str, str, str]
    assert type(match.message) is str


@pytest.mark.parametrize("text", ["", "[", "[1]", "\0", '{"a": "\ud800"}', "a: b: c", GOOD[:-1], '{"a": ' + "9" * 5000])
def test_what_cannot_be_read_is_a_match(text: str) -> None:
    assert _rules(Linter().lint("a.json", text))[0] in ("E0000", "E1001")


@pytest.mark.parametrize("text", ["[" * 1_000_000, "- " * 1_000_000, '{"a":' * 1_000_000 + "1" + "}" * 1_000_000])
def test_what_would_exhaust_the_stack_fails(text: str) -> None:
    assert Linter().lint("a.json", text).failed == "the template is nested too deeply for cfn-lint"


@pytest.mark.parametrize(
    "text",
    ['{"Metadata": null, ' + GOOD[1:], '{"Resources": {"A": {"Type": "AWS::SNS::Topic", "Metadata": null}}}'],
)
def test_an_exception_inside_cfn_lint_fails(text: str) -> None:
    result = Linter().lint("a.json", text)
    assert result.failed.startswith("cfn-lint failed: AttributeError: ")
    assert result.matches == ()


def test_an_exception_inside_a_rule_is_a_match_beside_those_of_other_rules() -> None:
    text = '{"Resources": {"A": null}}'
    assert {"E0002", "E3001"} <= set(_rules(Linter().lint("a.json", text)))
    assert "E3001" in _rules(Linter().lint("a.json", _with({"ignore_checks": ["E0002"]}, text)))


def test_exit_inside_cfn_lint_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    linter = Linter()
    monkeypatch.setattr("cfnlint.template.Template.transform", lambda self: sys.exit(1))
    assert linter.lint("a.json", GOOD).failed == "cfn-lint failed: SystemExit: 1"


def test_a_lint_that_takes_too_long_fails_and_the_next_is_right() -> None:
    resources = {f"Q{n}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueNam": "x"}} for n in range(60)}
    text = json.dumps({"Resources": resources})
    expected = Linter().lint("a.json", text)
    started = time.monotonic()
    short = Linter(time_limit=0.05)
    assert short.lint("a.json", text) == LintResult(failed="cfn-lint took longer than 0.05 seconds")
    assert time.monotonic() - started < 2
    assert short.lint("a.json", text).failed
    assert Linter().lint("a.json", text) == expected
    assert _rules(expected) == ["E3002"] * 60


@pytest.mark.parametrize("count", [0, 1, 2, 5])
@pytest.mark.parametrize("cores", [1, 2, 3])
def test_lint_all_gives_what_lint_gives(
    count: int, cores: int, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure()
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(cores)), raising=False)
    texts = [(f"{n}.json", _with({"override_spec": "x.json"}, text)) for n, text in enumerate([BAD, UNUSED] * 3)][
        :count
    ]
    alone, together = Linter(), Linter()
    assert together.lint_all(texts) == [alone.lint(path, text) for path, text in texts]
    assert sorted(together.warnings) == sorted(alone.warnings)
    assert len(together.warnings) == count


@pytest.mark.skipif(cores() < 2, reason="needs Linux and two cores")
def test_lint_all_outlives_a_process_that_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    linter, here = Linter(), os.getpid()
    monkeypatch.setattr(
        linter, "lint", lambda path, text: LintResult() if os.getpid() == here else os.kill(os.getpid(), 9)
    )
    failed = LintResult(failed="the process of cfn-lint was killed")
    assert linter.lint_all([("a", GOOD), ("b", GOOD)]) == [LintResult(), failed]


def test_regions(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    configure()
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    text = '{"Resources": {"A": {"Type": "AWS::AppRunner::Service", "Properties": {"SourceConfiguration": {}}}}}'
    assert "'us-east-1'" not in str(Linter().lint("a.json", text).matches)
    assert "E3006" in _rules(Linter(("eu-south-2",)).lint("a.json", text))
    assert "E3006" in _rules(Linter(("us-east-1", "eu-south-2")).lint("a.json", text))
    assert "E3006" in _rules(Linter().lint("a.json", _with({"regions": ["eu-south-2"]}, text)))
    assert "E3006" not in _rules(Linter(("us-east-1",)).lint("a.json", _with({"regions": ["eu-south-2"]}, text)))
    configure({"regions": ["eu-south-2"]})
    assert "E3006" in _rules(Linter().lint("a.json", text))


def test_unknown_region(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    configure()
    with pytest.raises(BadConfig, match="cfn-lint does not know the region 'eu-west-9'"):
        Linter(("us-east-1", "eu-west-9"))
    assert Linter().lint("a.json", _with({"regions": ["x"]})).failed == "cfn-lint does not know the region 'x'"
    monkeypatch.setenv("AWS_REGION", "nowhere")
    with pytest.raises(BadConfig, match="'nowhere'"):
        Linter()


def test_configuration_files_are_honoured(configure: Configure) -> None:
    configure()
    assert _rules(Linter().lint("a.json", UNUSED)) == ["W2001"]
    configure(user={"ignore_checks": ["W2001"]})
    assert _rules(Linter().lint("a.json", UNUSED)) == []
    configure(project={"ignore_checks": ["E"]})
    assert _rules(Linter().lint("a.json", UNUSED)) == ["W2001"]
    assert _rules(Linter().lint("a.json", BAD)) == []
    configure(project="ignore_checks: [W2001]\nmandatory_checks: [W]\n")
    assert _rules(Linter().lint("a.json", UNUSED)) == ["W2001"]


def test_a_syntax_error_is_told_whatever_the_template_before_ignored(configure: Configure) -> None:
    configure()
    linter = Linter()
    linter.lint("a.json", _with({"ignore_checks": ["E0000"]}))
    assert _rules(linter.lint("b.json", "[")) == ["E0000"]
    configure({"ignore_bad_template": True})
    assert _rules(Linter().lint("b.json", "[")) == []


@pytest.mark.parametrize("text", ["a: [", "- 1", "nonsense: 1", "regions: 1", "a: b: c", "{\tx", "\0"])
def test_a_broken_configuration_file(configure: Configure, text: str) -> None:
    configure(text)
    with pytest.raises(BadConfig, match=r"cfn-lint rejects \.cfnlintrc"):
        Linter()


def test_what_the_command_would_read_and_print_is_left_alone(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = {
        "debug": True,
        "deployment_files": ["absent.json"],
        "format": "json",
        "ignore_templates": ["a.json"],
        "non_zero_exit_code": "none",
        "output_file": "out.txt",
        "parameter_files": ["absent.json"],
        "templates": ["absent.json"],
    }
    here = configure(settings)
    monkeypatch.setattr(sys, "argv", ["fixer", "--bogus", "--list-rules"])
    linter = Linter()
    assert _rules(linter.lint("a.json", BAD)) == ["E3006"]
    assert linter.warnings == ()
    assert [file.name for file in here.iterdir()] == [".cfnlintrc"]
    assert capfd.readouterr() == ("", "")


def _plugins(here: Path) -> dict[str, Any]:
    rules = here / "rules"
    rules.mkdir()
    (rules / "Mine.py").write_text("from pathlib import Path\nPath('ran').touch()\n")
    (here / "custom.txt").write_text('AWS::SNS::Topic TopicName EQUALS "right" ERROR\n')
    (here / "override.json").write_text('{"IncludeResourceTypes": ["AWS::SQS::*"]}')
    (here / "schemas").mkdir()
    return {
        "append_rules": ["rules"],
        "custom_rules": "custom.txt",
        "override_spec": "override.json",
        "registry_schemas": ["schemas"],
    }


def test_plugins_of_a_configuration_file_are_ignored(configure: Configure) -> None:
    here = configure()
    configure(_plugins(here))
    linter = Linter()
    assert linter.lint("a.json", GOOD) == linter.lint("a.json", GOOD) == LintResult()
    assert not (here / "ran").exists()
    assert [warning.split()[2] for warning in linter.warnings] == [
        "append_rules",
        "custom_rules",
        "override_spec",
        "registry_schemas",
    ]
    assert all(warning.startswith(".cfnlintrc: ") for warning in linter.warnings)


def test_plugins_of_a_template_are_ignored(configure: Configure) -> None:
    settings = _plugins(configure())
    linter = Linter()
    for _ in range(2):
        assert set(_rules(linter.lint("a.json", _with(settings, GOOD)))) <= {"W4005"}
    linter.lint("b.json", _with({"append_rules": ["rules"]}))
    assert [warning.split()[0] for warning in linter.warnings] == ["a.json:"] * 4 + ["b.json:"]
    assert not Path("ran").exists()


def test_plugins_may_be_allowed(configure: Configure) -> None:
    here = configure()
    configure(_plugins(here))
    code = (
        "import sys; from fixer.aws.lint import Linter\n"
        "linter = Linter(allow_plugins=True)\n"
        "print([match.rule for match in linter.lint('a.json', sys.argv[1]).matches], linter.warnings)\n"
    )
    text = GOOD[:-3] + ', "Properties": {"TopicName": "wrong"}}}}'
    # In a process of its own: an override changes the schemas for good.
    assert _run(code, text) == "['E3006', 'E9001'] ()\n"
    assert (here / "ran").exists()


def test_plugins_that_do_not_load(configure: Configure) -> None:
    configure({"append_rules": ["absent"]})
    Linter()
    with pytest.raises(BadConfig, match="cannot load"):
        Linter(allow_plugins=True)


def test_version_and_import_do_not_import_cfn_lint() -> None:
    assert (
        _run("import sys, fixer.aws.lint as l; print(l.version(), 'cfnlint' in sys.modules)") == f"{version()} False\n"
    )


def test_rules_are_loaded_once(configure: Configure) -> None:
    configure()
    Linter()
    started = time.perf_counter()
    Linter(("eu-west-1",))
    assert time.perf_counter() - started < 0.1
