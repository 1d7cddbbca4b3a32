"""cfn-lint in process: one text in, one LintResult out.

The result is that of the `cfn-lint` command for a file with that text. Only public names of cfn-lint are used (a canary
test lists them): decode the text, make a Template that knows its file name, transform, run the rules, apply the
template's own directives, drop duplicates. cfn-lint is imported when the first Linter is made.
"""

import contextlib
import functools
import importlib.metadata
import io
import itertools
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fixer.aws.forks import Aside, cores
from fixer.aws.gc_pause import without_collecting
from fixer.aws.time_limit import Overrun, within
from fixer.errors import BadConfig
from fixer.model import LintMatch, LintResult

DEFAULT_TIME_LIMIT = 60.0
"""Seconds per lint. Without a limit cfn-lint ran for half an hour on templates with many conditions."""

PLUGIN_SETTINGS = ("append_rules", "custom_rules", "override_spec", "registry_schemas")
"""Settings of cfn-lint that run code or read files that they name."""

COMMAND_SETTINGS = (
    "debug",
    "deployment_files",
    "format",
    "ignore_templates",
    "non_zero_exit_code",
    "output_file",
    "parameter_files",
    "templates",
)
"""Settings for what the `cfn-lint` command reads and how it prints; here the caller decides both."""

_MOST_LEVELS = 5_000


def version() -> str:
    """cfn-lint's version, without importing cfn-lint. Every report states it, because it affects the findings."""
    return importlib.metadata.version("cfn-lint")


class Linter:
    """cfn-lint with one configuration: the arguments, then ./.cfnlintrc, then ~/.cfnlintrc, as cfn-lint reads them.

    A Linter imports cfn-lint and loads its rules when it is made, which takes half a second the first time in a
    process; keep it. It may lint any number of texts in any order. cfn-lint's own output and log are discarded.

    regions: if none are given, the choice of cfn-lint: the template's Metadata, .cfnlintrc, AWS_REGION, us-east-1.
    allow_plugins: apply PLUGIN_SETTINGS of .cfnlintrc. They change cfn-lint for the whole process. time_limit: seconds
    per lint; `fixer.aws.time_limit.within` documents where it cannot be enforced. plain: do not use
    `fixer.aws.fast_lint`.

    Raises BadConfig for an unknown region, and for a .cfnlintrc that cannot be read or that cfn-lint rejects.
    """

    def __init__(
        self,
        regions: Sequence[str] = (),
        allow_plugins: bool = False,
        time_limit: float = DEFAULT_TIME_LIMIT,
        plain: bool = False,
    ) -> None:
        self._allow_plugins = allow_plugins
        self._time_limit = time_limit
        self._warnings: dict[str, None] = {}
        with _silence():
            self._rules = _standard_rules() if plain else _quick_rules()
            self._config = _read_config(regions)
            self._warn_of_plugins(self._config.file_args, ".cfnlintrc")
            for name in COMMAND_SETTINGS if allow_plugins else COMMAND_SETTINGS + PLUGIN_SETTINGS:
                self._config.file_args.pop(name, None)
            if any(self._config.file_args.get(name) for name in PLUGIN_SETTINGS):
                self._rules = _rules_with_plugins(self._config)
        _check_regions(self._config)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The settings that were ignored so far and the places where they are set, each once. Grows with the templates
        linted.
        """
        return tuple(self._warnings)

    def lint(self, path: str, text: str) -> LintResult:
        """The cfn-lint result for `text` as the content of the file `path`, sorted by line, column and rule.

        The file itself is not read, but the files that the template names (local nested stacks) are. Raises nothing: if
        cfn-lint or one of its rules raises an exception, or the lint exceeds the limit, the result has `failed` set.
        """
        path = path.encode(errors="backslashreplace").decode()  # cfn-lint takes names that are UTF-8 only.
        if is_too_deep(text):
            return LintResult(failed="the template is nested too deeply for cfn-lint")
        try:
            with _silence():
                matches = within(self._time_limit, lambda: _distinct(self._run(path, text)))
        except Overrun:
            return LintResult(failed=f"cfn-lint took longer than {self._time_limit:g} seconds")
        except BadConfig as error:
            return LintResult(failed=error.message)
        except (Exception, SystemExit) as error:  # any exception that cfn-lint may raise for an unexpected template
            return LintResult(failed=f"cfn-lint failed: {type(error).__name__}: {error}".rstrip(": "))
        return LintResult(tuple(sorted(matches, key=lambda match: (match.line, match.column, match.rule))))

    def lint_all(self, texts: Sequence[tuple[str, str]]) -> list[LintResult]:
        """The result of `lint` for each (path, text), in their order. The lints run in parallel where that is possible.

        A text and its patched form then take little longer than one lint.
        """
        count = max(1, min(len(texts), cores()))
        shares = [texts[first::count] for first in range(count)]
        others = [Aside(functools.partial(self._lint_share, share)) for share in shares[1:]]
        results = [LintResult(failed="the process of cfn-lint was killed")] * len(texts)
        results[::count], _ = self._lint_share(shares[0])
        for first, other in enumerate(others, 1):
            with contextlib.suppress(ChildProcessError):
                results[first::count], warnings = other.result()
                self._warnings.update(dict.fromkeys(warnings))
        return results

    def _lint_share(self, texts: Sequence[tuple[str, str]]) -> tuple[list[LintResult], tuple[str, ...]]:
        return [self.lint(path, text) for path, text in texts], self.warnings

    def _run(self, path: str, text: str) -> Iterable[Any]:
        from cfnlint.decode import decode_str
        from cfnlint.match import Match
        from cfnlint.rules.errors import ParseError

        # Otherwise the settings of the previous template would decide whether a syntax error counts.
        self._config.set_template_args({})
        template, errors = decode_str(_as_opened(text))
        if errors:
            return [error for error in errors if error.rule.id != "E0000" or self._minds_bad_templates()]
        if not isinstance(template, dict):
            return [Match.create("Template needs to be an object.", path, ParseError())]
        self._warn_of_plugins(_own_settings(template), path)
        self._config.set_template_args(template)
        _check_regions(self._config)
        return self._apply_rules(path, template)

    def _apply_rules(self, path: str, template: dict[str, Any]) -> Iterable[Any]:
        from cfnlint.rules.errors import TransformError
        from cfnlint.template import Template

        cfn = Template(path, template, self._config.regions, self._config.parameters)
        errors = cfn.transform()
        if errors:
            return errors if self._rules.is_rule_enabled(TransformError(), self._config) else []
        matches = self._rules.run(filename=path, cfn=cfn, config=self._config)
        return _without_suppressed(matches, cfn.get_directives(), tuple(self._config.mandatory_checks))

    def _minds_bad_templates(self) -> bool:
        from cfnlint.rules.errors import ParseError

        if self._config.ignore_bad_template or not self._rules.is_rule_enabled(ParseError(), self._config):
            return False
        return not any("E0000".startswith(prefix) for prefix in self._config.ignore_checks)

    def _warn_of_plugins(self, settings: Mapping[str, Any], place: str) -> None:
        if self._allow_plugins:
            return
        for name in PLUGIN_SETTINGS:
            if settings.get(name):
                self._warnings[f"{place}: cfn-lint's {name} is ignored: it runs code or reads other files"] = None


def _read_config(regions: Sequence[str]) -> Any:
    from cfnlint.config import ConfigMixIn

    try:
        # An explicit list of arguments: the default may one day be sys.argv.
        return ConfigMixIn([], regions=list(regions)) if regions else ConfigMixIn([])
    except (Exception, SystemExit) as error:
        raise BadConfig(f"cfn-lint rejects .cfnlintrc (in this folder or the home folder): {error}") from error


def _check_regions(config: Any) -> None:
    from cfnlint.helpers import REGIONS

    unknown = sorted(set(config.regions) - set(REGIONS))
    if unknown:
        raise BadConfig(f"cfn-lint does not know the region {', '.join(map(repr, unknown))}")


@functools.cache
def _standard_rules() -> Any:
    """cfn-lint's own rules, loaded once. The import of cfn-lint and its rules makes a million objects that stay."""
    with without_collecting():
        import cfnlint.rules
        import cfnlint.runner  # modules that the lints need, imported here so that they are frozen too

        return cfnlint.rules.Rules.create_from_directory(cfnlint.rules.__path__[0])


@functools.cache
def _quick_rules() -> Any:
    """cfn-lint's own rules with the fast descent, where that gives the same matches."""
    rules = _standard_rules()
    from fixer.aws.fast_lint import quickened

    return quickened(rules, version())


def _rules_with_plugins(config: Any) -> Any:
    """cfn-lint's rules and those of the user. It also loads and patches schemas; that change outlives this Linter."""
    from cfnlint.runner import Runner

    try:
        return Runner(config).rules
    except (Exception, SystemExit) as error:
        raise BadConfig(f"cfn-lint cannot load what .cfnlintrc adds to it: {error}") from error


def _as_opened(text: str) -> str:
    """The text as read from a file in text mode, as cfn-lint reads it: every line end is a newline."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def is_too_deep(text: str) -> bool:
    """Whether a parser that recurses in native code may exhaust the stack and end the process (libyaml does at about
    30,000 levels).
    """
    if text.count("[") + text.count("{") > _MOST_LEVELS:
        steps = (1 if bracket in "[{" else -1 for bracket in re.findall(r"[\[\]{}]", text))
        if max(itertools.accumulate(steps)) > _MOST_LEVELS:
            return True
    return re.search(rf"(?:[-?][ \t]+){{{_MOST_LEVELS}}}", text) is not None


def _own_settings(template: Mapping[str, Any]) -> Mapping[str, Any]:
    """The cfn-lint configuration in the template's Metadata; empty if there is none."""
    settings: Any = template
    for key in ("Metadata", "cfn-lint", "config"):
        settings = settings.get(key) if isinstance(settings, Mapping) else None
    return settings if isinstance(settings, Mapping) else {}


def _without_suppressed(
    matches: Iterable[Any], directives: Mapping[str, Sequence[str]], mandatory: tuple[str, ...]
) -> Iterator[Any]:
    """The matches that no resource's own `Metadata: cfn-lint: config: ignore_checks` suppresses."""
    for match in matches:
        suppressing = directives.get(match.rule.id)
        if suppressing is None or match.rule.id.startswith(mandatory) or _is_elsewhere(match, suppressing):
            yield match


def _is_elsewhere(match: Any, resources: Sequence[str]) -> bool:
    """Whether the match is known to be outside these resources; cfn-lint does not count a match without a path."""
    path: Sequence[Any] = getattr(match, "path", None) or []
    in_resource = len(path) >= 2 and path[0] == "Resources"
    return bool(path) and not (in_resource and path[1] in resources)


def _distinct(matches: Iterable[Any]) -> list[LintMatch]:
    """LintMatches. Matches that cfn-lint treats as equal (its `id` digests what is left out) appear once."""
    seen = set()
    result = []
    for match in matches:
        place = (match.linenumber, match.columnnumber, match.linenumberend, match.columnnumberend)
        key = (match.rule.id, match.message, place, match.id, match.parent_id)
        if key not in seen:
            seen.add(key)
            result.append(_converted(match))
    return result


def _converted(match: Any) -> LintMatch:
    # Plain strings, because cfn-lint's own strings keep the marks of the whole file alive.
    path = tuple(part if type(part) is int else str(part) for part in getattr(match, "path", None) or ())
    return LintMatch(match.rule.id, match.rule.severity, match.message, path, match.linenumber, match.columnnumber)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Hides what cfn-lint logs or prints. Standard error stays as it is, because a progress bar may use it."""
    log = logging.getLogger("cfnlint")
    if not any(isinstance(handler, logging.NullHandler) for handler in log.handlers):
        log.addHandler(logging.NullHandler())
        log.propagate = False
    with contextlib.redirect_stdout(io.StringIO()):
        yield
