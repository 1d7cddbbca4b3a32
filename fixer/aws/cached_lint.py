"""cfn-lint as a run uses it: it is loaded when the first text is not in the cache."""

from collections.abc import Callable, Iterable, Sequence

from fixer.aws.lint import Linter
from fixer.aws.lint_cache import LintCache
from fixer.model import LintResult
from fixer.settings import Settings

Lint = Callable[[Sequence[tuple[str, str]]], Sequence[LintResult]]
"""[(path, text), ...] → the cfn-lint result for each, in their order."""


class RememberedLint:
    """A Lint that lints each text once and remembers the result."""

    def __init__(self, lint: Lint) -> None:
        self._lint = lint
        self._known: dict[tuple[str, str], LintResult] = {}

    def __call__(self, texts: Sequence[tuple[str, str]]) -> list[LintResult]:
        unknown = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(unknown, self._lint(unknown) if unknown else (), strict=True))
        return [self._known[text] for text in texts]

    def known(self, path: str, text: str) -> LintResult | None:
        """The result for a text; None if it was not linted."""
        return self._known.get((path, text))


class LazyLint:
    """[(path, text), ...] → the cfn-lint result for each, with the settings' regions, plug-ins and cache."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._linter: Linter | None = None
        self._cache = LintCache(settings.regions) if settings.cache and not settings.allow_plugins else None

    def __call__(self, texts: Sequence[tuple[str, str]]) -> list[LintResult]:
        known: dict[tuple[str, str], LintResult] = {}
        for text in texts:
            if self._cache and (kept := self._cache.get(*text)):
                known[text] = kept
        unknown = [text for text in texts if text not in known]
        for text, result in zip(unknown, self._load().lint_all(unknown) if unknown else (), strict=True):
            known[text] = result
            if self._cache:
                self._cache.put(*text, result)
        return [known[text] for text in texts]

    def prepare(self, texts: Iterable[tuple[str, str]]) -> None:
        """Loads cfn-lint if one of the texts needs it, so that the forks of this process do not have to; prunes the
        cache.
        """
        if not self._cache or any(self._cache.get(*text) is None for text in texts):
            self._load()
        if self._cache:
            self._cache.prune()

    @property
    def warnings(self) -> tuple[str, ...]:
        """The linter's warnings so far (see `Linter.warnings`)."""
        return self._linter.warnings if self._linter else ()

    def _load(self) -> Linter:
        if self._linter is None:
            settings = self._settings
            self._linter = Linter(settings.regions, settings.allow_plugins, plain=settings.plain_lint)
        return self._linter
