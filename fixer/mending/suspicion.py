"""Whether a character that seems to be missing or too much was moved from or to a place nearby.

A repair of one of the two places would be half of the repair, so there is none.
"""

import re

from fixer.mending.candidate import Candidate, line_at

_NEAR = 400
_BRACKETS = {"{": "{}", "}": "{}", "[": "[]", "]": "[]"}
# A quoted text, or the value of a line. Matches '"a {"' and "b". Must not match the key of an entry.
_TEXT = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_ODD = {
    # Matches "mi,cro" and '"a",b'. Must not match "a, b".
    ",": re.compile(r"[A-Za-z],[a-z]|[\"'],\w|,[\"']\s*[,:\n]|[\"'\s],\w"),
    # Matches "Ke:y". Must not match "s3:GetObject", "AWS::S3" and "arn:aws".
    ":": re.compile(r"(?<![\w:])(?!arn:|aws:|http)\w+:(?=[a-z])|[A-Za-z]\w+:(?=\d)|:::(?!\*|\$|\w)"),
    # Matches "a--b" and "x- ". Must not match "a-b".
    "-": re.compile(r"\w--(?=\w)|\w-(?=[\s\"'])|(?<=[\s\"'])-\w"),
    # Matches a line that is neither an entry nor a comment.
    "\n": re.compile(r"^(?![ \t]*(?:- |-?$|[\w\"'./:-]+:(?:\s|$)|#|[}\]]))[^\n]+", re.MULTILINE),
}
_LACKING = {
    # Matches "AWS:S3::Bucket" and "AWS::S3:Bucket". Must not match "AWS::S3::Bucket".
    ":": re.compile(r"(?:AWS|Fn):(?=\w)|AWS::\w+:(?=\w)|arn:aws(?=\w)|arn(?=aws:)"),
    # Matches '"a" "b"'. Must not match '"a": "b"'.
    ",": re.compile(r"\"[ \t]+\""),
}
_SPACES = re.compile(r"(?<=\d) (?=\d)|\$\{[^}\n]* |(?<=\S)  +(?=[^\s#])|\S [,.;:)](?=\s)|[}\"'] -(?=\S)|- (?=[}$])")
_PAIR = re.compile(r"(?<![\w.-])([A-Za-z]+) (?=([A-Za-z]+)\b)")
# fmt: off
_SHORT = {
    "a", "an", "and", "any", "all", "are", "as", "at", "be", "by", "can", "do", "for", "from", "get", "has", "if",
    "in", "into", "is", "it", "its", "key", "may", "new", "no", "non", "not", "of", "off", "old", "on", "one",
    "or", "our", "own", "per", "run", "set", "so", "the", "to", "two", "up", "use", "via", "we", "who", "with",
    "api", "app", "aws", "cpu", "db", "dns", "ecs", "ec", "efs", "env", "iam", "id", "ip", "kms", "log", "max",
    "min", "nat", "rds", "rpo", "rto", "s", "sns", "sqs", "ssh", "ssl", "tag", "tcp", "tls", "ttl", "udp", "url",
    "var", "vpc", "vpn", "waf", "web", "day", "ok", "add", "raw", "job", "end", "low", "top", "box", "ebs", "alb",
    "elb", "acl", "cdn", "crr", "csv", "dlq", "eip", "eks", "emr", "etl", "fix", "http", "igw", "mfa", "msk",
    "pii", "sla", "sms", "sse", "ssm", "sts",
}
# fmt: on
"""Short words that texts have."""


def may_have_moved(text: str, step: Candidate) -> int | None:
    """The place near a repair that speaks for a moved character; None if there is none."""
    if len(step.splices) != 1 or step.cost != 1:
        return None
    mark = step.inserted or text[step.start : step.end]
    after = step.applied(text)
    start, end = max(0, line_at(after, max(0, step.start - _NEAR)).start), step.start + _NEAR
    if mark in _BRACKETS:
        return _unbalanced(after, start, end, _BRACKETS[mark])
    if not step.inserted:
        found = _LACKING[mark].search(after, start, end) if mark in _LACKING else None
        return found.start() if found else None
    if mark == " ":
        return _odd_space(after, max(0, step.start - 120), step.start + 120)
    found = _ODD[mark].search(after, start, end) if mark in _ODD else None
    return found.start() if found else None


def _unbalanced(text: str, start: int, end: int, brackets: str) -> int | None:
    """A text in which brackets of a kind do not belong together."""
    for found in _TEXT.finditer(text, start, end):
        if found[0].count(brackets[0]) != found[0].count(brackets[1]):
            return found.start()
    return None


def _odd_space(text: str, start: int, end: int) -> int | None:
    """A space that no text has at such a place, or that parts a word which the text has elsewhere, too."""
    if found := _SPACES.search(text, start, end):
        return found.start()
    words = text.lower()
    for found in _PAIR.finditer(text, start, end):
        one, other = found[1].lower(), found[2].lower()
        if words.count(one + other) or any(_is_fragment(word, words) for word in (one, other)):
            return found.start()
    return None


def _is_fragment(word: str, text: str) -> bool:
    """Whether a word is short and nothing that texts have: it occurs only once."""
    return len(word) <= 3 and word not in _SHORT and len(re.findall(rf"\b{word}\b", text)) < 2
