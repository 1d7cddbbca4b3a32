"""The canary: what fixer uses of cfn-lint is there, and means what fixer takes it to mean.

If a test here fails after an upgrade of cfn-lint, its interface has changed: mend `fixer/aws/lint.py`.
"""

import importlib
import inspect
from typing import Any

import pytest

USED = {
    "cfnlint.conditions.Conditions": ("cfn",),
    "cfnlint.config.ConfigMixIn": ("cli_args", "kwargs"),
    "cfnlint.config.ConfigMixIn.set_template_args": ("template",),
    "cfnlint.decode.decode_str": ("s",),
    "cfnlint.match.Match.create": ("message", "filename", "rule"),
    "cfnlint.rules.Rules.create_from_directory": ("rulesdir",),
    "cfnlint.rules.Rules.is_rule_enabled": ("rule", "config"),
    "cfnlint.rules.Rules.run": ("filename", "cfn", "config"),
    "cfnlint.rules.errors.ParseError": (),
    "cfnlint.rules.errors.TransformError": (),
    "cfnlint.runner.Runner": ("config",),
    "cfnlint.template.Template": ("filename", "template", "regions", "parameter_sets"),
    "cfnlint.template.Template.get_directives": (),
    "cfnlint.template.Template.transform": (),
}


def _resolve(name: str) -> Any:
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    raise AssertionError(f"cfn-lint has no {name}")


@pytest.mark.parametrize("name", USED)
def test_callable(name: str) -> None:
    parameters = [each for each in inspect.signature(_resolve(name)).parameters if each != "self"]
    assert tuple(parameters[: len(USED[name])]) == USED[name]


def test_configuration() -> None:
    from cfnlint.config import ConfigMixIn

    config = ConfigMixIn([], regions=["eu-west-1"])
    assert config.regions == ["eu-west-1"]
    assert isinstance(config.file_args, dict)
    for name in ("ignore_bad_template", "ignore_checks", "mandatory_checks", "parameters"):
        assert hasattr(config, name)


def test_settings_that_the_adapter_knows_are_all_there_are() -> None:
    """A setting that is new may run code or read elsewhere: decide in fixer/aws/lint.py, then add it here."""
    from cfnlint.config import ConfigFileArgs

    from fixer.aws.lint import COMMAND_SETTINGS, PLUGIN_SETTINGS

    harmless = {
        "configure_rules",
        "ignore_bad_template",
        "ignore_checks",
        "include_checks",
        "include_experimental",
        "mandatory_checks",
        "merge_configs",
        "parameters",
        "regions",
        "template_parameters",
    }
    settings = set(ConfigFileArgs().default_schema["properties"])
    assert settings == harmless | set(PLUGIN_SETTINGS) | set(COMMAND_SETTINGS)


def test_rules_are_those_of_the_command() -> None:
    import cfnlint.rules
    from cfnlint.config import ConfigMixIn

    assert [*cfnlint.rules.__path__] == ConfigMixIn([]).append_rules


def test_match() -> None:
    from cfnlint.match import Match
    from cfnlint.rules.errors import ParseError

    match = Match.create("text", "file", ParseError(), 2, 3)
    assert (match.rule.id, match.rule.severity, match.message) == ("E0000", "error", "text")
    assert (match.linenumber, match.columnnumber, match.linenumberend, match.columnnumberend) == (2, 3, 2, 4)
    assert match.id != Match.create("other", "file", ParseError(), 2, 3).id
    assert match.parent_id is None
