"""The page about settings names every key, and no other."""

import re
from pathlib import Path

from fixer.inputs.config import EXTENDS, KEYS

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_names_every_key() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text(), flags=re.M)) == {EXTENDS, *KEYS}
