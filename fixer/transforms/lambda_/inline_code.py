"""What inline code of a Lambda function uses that a newer runtime does not have.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
https://docs.python.org/3/whatsnew/3.12.html#removed
https://docs.python.org/3/whatsnew/3.13.html#removed-modules-and-apis
"""

import re

from fixer.cloudformation.intrinsics import literal_text, mapping
from fixer.model import Json

_REMOVED_FROM_PYTHON = {
    (3, 10): ("formatter", "parser", "symbol"),
    (3, 11): ("binhex",),
    (3, 12): ("asynchat", "asyncore", "distutils", "imp", "smtpd"),
    (3, 13): (
        *("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "mailcap", "msilib", "nis", "nntplib"),
        *("ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib"),
    ),
}
"""The version without them → modules of the standard library."""

_FAMILY = re.compile(r"(nodejs|python|ruby|java|dotnet|go|provided)([\d.]*)")
"""Matches "python3.12" as python and 3.12, "nodejs24.x" as nodejs and 24. ; must not match "al2023"."""

_IMPORT = re.compile(r"^\s*(?:import|from)\s+([\w.]+(?:\s*,\s*[\w.]+)*)")
"""Matches "import imp, json" and "from distutils.util import strtobool". Must not match "# import imp"."""

_OLD_SDK = re.compile(r"""(?:require\(\s*|from\s+|import\s+)['"]aws-sdk(?:/[^'"]*)?['"]""")
"""Matches "require('aws-sdk')" and "import AWS from 'aws-sdk'". Must not match "require('@aws-sdk/client-s3')"."""

_CALLBACK = re.compile(
    r"(?:exports\.\w+\s*=|export\s+(?:const\s+\w+\s*=|function\s*\w*))\s*(?:function\s*\w*\s*)?\(\s*\w+\s*,\s*\w+\s*,\s*\w+"
)
"""A handler with three parameters that is not async: "exports.handler = (event, context, callback)". Must not match
"exports.handler = async (event, context)"."""

_PYTHON_2 = re.compile(r"""^\s*print\s+["'\w]|^\s*except\s+\w+\s*,\s*\w+\s*:|\burllib2\b|\.has_key\(""")
"""Matches "print 'x'" and "except Error, e:". Must not match "print('x')"."""


def hindrance(function: dict[str, Json], current: str, successor: str) -> str:
    """Why the inline code of a function cannot run on the successor of its runtime; "" if nothing is known against it,
    or if the code is not in the template.
    """
    code = literal_text(mapping(function.get("Code")).get("ZipFile"))
    old, new = _FAMILY.match(current), _FAMILY.match(successor)
    if not code or not new:
        return ""
    for number, line in enumerate(code.splitlines(), 1):
        for what in _missing(line, new[1], _version(new[2]), _version(old[2]) if old else ()):
            return (
                f"line {number} of the inline code uses {what}, which {successor} does not have: change the code first"
            )
    return ""


def _missing(line: str, family: str, version: tuple[int, ...], before: tuple[int, ...]) -> list[str]:
    if family == "nodejs":
        found = ["version 2 of the AWS SDK"] if version >= (18,) and _OLD_SDK.search(line) else []
        return [*found, *(["a handler with a callback"] if version >= (24,) and _CALLBACK.search(line) else [])]
    if family != "python":
        return []
    if before < (3,) and _PYTHON_2.search(line):
        return ["Python 2"]
    names = re.split(r"\s*,\s*", match[1]) if (match := _IMPORT.match(line)) else []
    gone = {module for since, modules in _REMOVED_FROM_PYTHON.items() if version >= since for module in modules}
    return [f"the module {name}" for name in names if name.partition(".")[0] in gone]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part)
