"""Lint results, kept on disk: the same text on the same day with the same settings is not linted again.

An entry's name is the digest of everything that the result depends on: the text and its path, the local templates that
it nests, cfn-lint's version, the day (runtimes and versions go out of support by date), the regions, and .cfnlintrc.
Where plug-ins are allowed or configured nothing is kept, because they may read anything. A damaged entry is ignored.
"""

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from fixer import __version__
from fixer.aws import cache_file
from fixer.aws.lint import PLUGIN_SETTINGS, version
from fixer.model import LintMatch, LintResult

_KEPT_DAYS = 3
_NESTED = re.compile(r"""TemplateURL["']?\s*:\s*(?:!\w+\s+)?["']?([^"'\s{}]+)""")
_SETTINGS = (".cfnlintrc", ".cfnlintrc.yaml", ".cfnlintrc.yml")


class LintCache:
    """A folder of lint results. It never raises: a text whose entry cannot be read or written is linted again.

    regions: those that cfn-lint checks for. folder: where the entries are, by default `fixer/lint` in the user's cache
    folder (XDG_CACHE_HOME on Linux).
    """

    def __init__(self, regions: Sequence[str] = (), folder: Path | None = None) -> None:
        self.folder = folder or _user_folder()
        said = [version(), __version__, date.today().isoformat(), *regions, os.environ.get("AWS_REGION", "")]
        settings = [_content(Path(home, name)) for home in (Path.cwd(), Path.home()) for name in _SETTINGS]
        self.setting = digest([*(text.encode() for text in said), os.fsencode(os.getcwd()), *settings])
        self._is_open = not any(name.encode() in text for text in settings for name in PLUGIN_SETTINGS)

    def get(self, path: str, text: str) -> LintResult | None:
        """The result for the text as the content of that file, None if it is not known."""
        if not self.keeps(text):
            return None
        key = self._key(path, text)
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
            kept = json.loads(cache_file.read(self._file(key), key) or b"null")
            return LintResult(tuple(LintMatch(**{**each, "path": tuple(each["path"])}) for each in kept))
        return None

    def put(self, path: str, text: str, result: LintResult) -> None:
        """Keeps a result. A failed result is not kept, because the next try may succeed."""
        if result.failed or not self.keeps(text):
            return
        key = self._key(path, text)
        cache_file.write(self._file(key), key, json.dumps([asdict(match) for match in result.matches]).encode())

    def prune(self) -> None:
        """Removes the entries of earlier days, which are no longer used; runs at most once a day."""
        mark = self.folder / "pruned"
        limit = time.time() - _KEPT_DAYS * 86_400
        with contextlib.suppress(OSError):
            if mark.exists() and mark.stat().st_mtime > time.time() - 86_400:
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            mark.touch()
            for file in self.folder.parent.glob("*/??/*"):
                if file.stat().st_mtime < limit:
                    file.unlink()

    def keeps(self, text: str) -> bool:
        """Whether the result for a text may be kept."""
        return self._is_open and not any(name in text for name in PLUGIN_SETTINGS)

    def _file(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:]

    def _key(self, path: str, text: str) -> str:
        nested = [os.path.join(os.path.dirname(path), name) for name in _NESTED.findall(text)]
        parts = (self.setting.encode(), os.fsencode(path), text.encode("utf-8", "surrogatepass"))
        return digest([*parts, *(_content(Path(file)) for file in nested)])


def _user_folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("fixer", appauthor=False) / "lint"


def _content(file: Path) -> bytes:
    """The bytes of a file, b"" if it does not exist."""
    with contextlib.suppress(OSError, ValueError):
        if file.is_file():
            return file.read_bytes()
    return b""


def digest(parts: Iterable[bytes]) -> str:
    """The digest of several byte strings, each with its length, so that none runs into the next."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()
