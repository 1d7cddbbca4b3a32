"""The decisions of a review that was left: the next review of the same templates continues from them.

They are in the state folder of the user, and hold for the texts on which they were made: decisions about a template
that has changed since then are dropped.
"""

import contextlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fixer import json_file
from fixer.errors import BadConfig
from fixer.outputs import state_folder
from fixer.review.decided import Decided

_FOLDER = "reviews"
_WHAT = "an unfinished review"


@dataclass(frozen=True)
class Unfinished:
    """The place for the decisions about some templates: path of each, as reports name it, to its bytes."""

    templates: Mapping[str, bytes]

    @property
    def _name(self) -> str:
        places = sorted((path, os.path.realpath(path)) for path in self.templates)
        return json_file.digest(repr(places).encode(errors="surrogateescape"))[:32] + ".json"

    def _digests(self) -> dict[str, str]:
        return {path: json_file.digest(data) for path, data in self.templates.items()}

    def load(self) -> tuple[Decided, Collection[str]]:
        """The decisions that still hold, and the templates that have changed since they were made."""
        try:
            if not state_folder.exists():
                return Decided(), ()
            document = state_folder.load(_FOLDER, self._name, _WHAT)
            decided = Decided.from_json(document.get("decisions"))
            digests = document.get("templates")
        except (OSError, BadConfig, ValueError):  # Damaged: the review begins again.
            return Decided(), ()
        known = digests if isinstance(digests, dict) else {}
        changed = [path for path, digest in self._digests().items() if known.get(path) != digest]
        return decided.outside(changed), changed if decided.count else ()

    def save(self, decided: Decided) -> None:
        """Keeps the decisions. Raises BadConfig if they cannot be written."""
        state_folder.create()
        try:
            state_folder.save(_FOLDER, self._name, {"templates": self._digests(), "decisions": decided.as_json()})
        except OSError as error:
            raise state_folder.cannot_write(error) from error

    def remove(self) -> None:
        """Forgets the decisions."""
        with contextlib.suppress(OSError, BadConfig), state_folder.folder(_FOLDER) as here:
            here.remove(self._name)
