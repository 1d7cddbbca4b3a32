"""TOML, read with an end in sight: the standard library's reader takes minutes for a key with many dots."""

import tomllib
from typing import Any

from fixer.aws.time_limit import Overrun, within

_SECONDS = 5.0


def read(text: str) -> dict[str, Any]:
    """The data of a TOML text. Raises ValueError, which says what is wrong, if it is not TOML or takes too long."""
    try:
        return within(_SECONDS, lambda: tomllib.loads(text))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except Overrun:
        raise ValueError(f"it takes longer than {_SECONDS:.0f} seconds to read") from None
