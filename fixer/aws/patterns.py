"""Regular expressions that come from a template or a schema, and that may take for ever."""

import functools
import re
import signal
import threading
import warnings

from fixer.aws.time_limit import Overrun, within

_SECONDS = 0.25
_LONGEST = 4096
"""Characters of an expression and of a text. A parameter's value has at most 4,096 bytes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text matches, as a parameter's value must match its AllowedPattern; False if that is unknown.

    It is unknown if Python cannot read the expression (CloudFormation reads it as Java does), or if the match takes
    longer than a quarter of a second: `(a+)+` takes twice as long with each letter.
    """
    return bool(_judged(pattern, text, True))


def may_contain(pattern: str, text: str) -> bool:
    """Whether a part of the text matches; True if that is unknown."""
    return _judged(pattern, text, False) is not False


@functools.lru_cache(maxsize=1024)
def _judged(pattern: str, text: str, whole: bool) -> bool | None:
    if max(len(pattern), len(text)) > _LONGEST or not (_has_time_limit() or _is_simple(pattern)):
        return None

    def match() -> bool:
        with warnings.catch_warnings():  # Python warns of "[[", which Java reads differently.
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern)
        return (compiled.fullmatch(text) if whole else compiled.search(text)) is not None

    try:
        return within(_SECONDS, match)  # Python's engine looks for signals while it matches.
    except (re.error, OverflowError, RecursionError, Overrun):
        return None


def _has_time_limit() -> bool:
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


def _is_simple(pattern: str) -> bool:
    """Whether a match takes at most quadratic time, because the expression repeats one thing at most."""
    return sum(pattern.count(mark) for mark in "*+?{") <= 1
