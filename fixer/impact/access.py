"""The ways in which a patch widens access: a wider source of traffic, a wildcard in a policy, a public address, less
protection.

A patch that widens access is never safe, even if it was requested. Only literal values in the templates are compared;
values that only a deployment can give are ignored.
"""

import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeAlias

from fixer import pointer
from fixer.cloudformation.intrinsics import is_true, mapping, sequence
from fixer.cloudformation.template import Resource, Template
from fixer.model import Effect, EffectKind, Json, Tier

Network: TypeAlias = IPv4Network | IPv6Network

_SOURCES = ("CidrIp", "CidrIpv6", "CidrBlock", "Ipv6CidrBlock")
_OPENING = ("PubliclyAccessible", "MapPublicIpOnLaunch", "AssociatePublicIpAddress", "SkipFinalSnapshot")
"""Properties that widen access when they become true."""

_PROTECTING = (
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
    "StorageEncrypted",
    "Encrypted",
    "EncryptionAtRestEnabled",
    "AtRestEncryptionEnabled",
    "TransitEncryptionEnabled",
    "SSEEnabled",
    "DeletionProtection",
    "DeletionProtectionEnabled",
    "EnableKeyRotation",
    "EnableLogFileValidation",
    "EnableIAMDatabaseAuthentication",
)
"""Properties that protect while they are true."""

_PROTECTION = ("BucketEncryption", "PublicAccessBlockConfiguration", "KmsKeyId", "KmsMasterKeyId", "SSESpecification")
"""Properties that protect while they are present."""

_OPEN_VALUES = (("AuthorizationType", "NONE"), ("Scheme", "internet-facing"))
"""Properties, with the value that lets everybody in if it takes the place of another value."""

# An account in a principal. Matches "111122223333" and "arn:aws:iam::111122223333:root". Must not match
# "1111222233334".
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_EFFECTS = ("Allow", "Deny")

_PUBLIC_ACLS = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")
_KEEPING = ("Retain", "RetainExceptOnCreate", "Snapshot")


def widened(before: Template, after: Template) -> Iterator[Effect]:
    """An effect for each resource whose access the patch widens; a new resource is compared with an empty one."""
    for logical_id, resource in after.resources.items():
        old = before.resources.get(logical_id)
        if old is not None and (old.data is resource.data or old.data == resource.data):
            continue
        if whys := list(dict.fromkeys(_opened(old, resource))):
            why = "; ".join(whys)
            yield Effect(after.path, "Resources", logical_id, EffectKind.WIDEN, why, Tier.UNSAFE)


def _opened(old: Resource | None, new: Resource) -> Iterator[str]:
    was: dict[str, Json] = old.data if old else {}
    yield from _networks(was, new.data, new.type)
    yield from _ports(was, new.data, new.type)
    if new.type == "AWS::KMS::Key":
        # In the policy of a key, the resource "*" means this key.
        # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
        found = _wildcards(_of_others(was), _of_others(new.data))
        yield from (why for why in found if why != "allows any resource")
    else:
        yield from _wildcards(was, new.data)
    yield from _principals(was, new.data)
    yield from _unguarded(was, new.data)
    yield from _flags(was, new.data)
    if old is None:
        return
    gone, come = _keys(was) - _keys(new.data), _keys(new.data) - _keys(was)
    if come & {name.casefold() for name in _PROTECTION}:
        gone = set()  # One name of the same protection takes the place of another.
    yield from (f"{name} is removed" for name in _PROTECTION if name.casefold() in gone)
    for name in ("DeletionPolicy", "UpdateReplacePolicy"):
        if was.get(name) in _KEEPING and new.data.get(name) not in _KEEPING:
            yield f"{name} no longer keeps the data"


def _of_others(key: dict[str, Json]) -> dict[str, Json]:
    """The statements of a key policy without that for the account itself, which every default key policy has.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    statements = sequence(mapping(mapping(key.get("Properties")).get("KeyPolicy")).get("Statement"))
    return {"Statement": [each for each in statements if not _is_account(mapping(each).get("Principal"))]}


def _is_account(principal: Json) -> bool:
    """Whether a principal is the account of the stack and nothing else."""
    account = mapping(mapping(principal).get("AWS")).get("Fn::Sub")
    return len(mapping(principal)) == 1 and isinstance(account, str) and account.endswith("::${AWS::AccountId}:root")


def _keys(data: Json) -> set[str]:
    """All keys in lower case, so that a property with corrected spelling counts as present."""
    return {key.casefold() for _, value in pointer.walk(data) for key in mapping(value)}


def _networks(was: dict[str, Json], now: dict[str, Json], kind: str) -> Iterator[str]:
    """The blocks of ingress rules that no earlier block contains."""
    if not kind.startswith(("AWS::EC2::SecurityGroup", "AWS::EC2::NetworkAcl", "AWS::RDS::DBSecurityGroup")):
        return
    if kind.endswith("Egress"):
        return
    known = list(_sources(was))
    for block in _sources(now):
        covered = any(type(block) is type(each) and block.subnet_of(each) for each in known)  # type: ignore[arg-type]
        if not covered and (known or block.prefixlen == 0):
            yield f"admits {block}"


def _ports(was: dict[str, Json], now: dict[str, Json], kind: str) -> Iterator[str]:
    """The ports that rules newly open to every address; `_networks` does not see that if another port is open."""
    if not kind.startswith("AWS::EC2::SecurityGroup") or kind.endswith("Egress"):
        return
    known = list(_open_rules(was))
    if not known:
        return
    for rule in _open_rules(now):
        if not any(_includes(each, rule) for each in known):
            protocol, first, last, network = rule
            ports = "all ports" if protocol == "-1" else f"{protocol} {first}" + (f"-{last}" if last != first else "")
            yield f"opens {ports} to {network}"


def _open_rules(data: Json) -> Iterator[tuple[str, str, str, str]]:
    """(protocol, first port, last port, block) of each ingress rule that admits every address."""
    for place, value in pointer.walk(data):
        if isinstance(value, dict) and "Egress" not in place:
            for network in {str(value.get(name)) for name in ("CidrIp", "CidrIpv6")} & {"0.0.0.0/0", "::/0"}:
                yield (*(str(value.get(name, -1)) for name in ("IpProtocol", "FromPort", "ToPort")), network)  # type: ignore[misc]


def _includes(wide: tuple[str, str, str, str], rule: tuple[str, str, str, str]) -> bool:
    if wide[3] != rule[3] or wide[0] not in (rule[0], "-1"):
        return False
    numbers = [each for ports in (wide[1:3], rule[1:3]) for each in ports]
    if wide[0] == "-1" or numbers[:2] == numbers[2:]:
        return True
    if not all(each.lstrip("-").isdigit() for each in numbers):
        return False
    return int(numbers[0]) <= int(numbers[2]) and int(numbers[3]) <= int(numbers[1])


def _sources(data: Json) -> Iterator[Network]:
    for place, value in pointer.walk(data):
        if isinstance(value, str) and place.rpartition("/")[2] in _SOURCES and "Egress" not in place:
            try:
                yield ip_network(value, strict=False)
            except ValueError:
                continue


def _wildcards(was: dict[str, Json], now: dict[str, Json]) -> Iterator[str]:
    """New Allow statements with `*` as principal, action or resource."""
    for found, _ in (Counter(_allowed(now)) - Counter(_allowed(was))).items():
        yield f"allows any {found}"


def _allowed(data: Json) -> Iterator[str]:
    for _, value in pointer.walk(data):
        if not isinstance(value, dict) or value.get("Effect") != "Allow":
            continue
        if any(text == "*" for _, text in pointer.walk(value.get("Principal"))):
            yield "principal" + (" under a condition" if value.get("Condition") else "")
        if "*" in _texts(value.get("Action")) or "*:*" in _texts(value.get("Action")):
            yield "action"
        for text in _texts(value.get("Action")):
            if isinstance(text, str) and text.endswith(":*") and text != "*:*":
                yield f"action of {text.removesuffix(':*')}"
        if "*" in _texts(value.get("Resource")) and value.get("Action") is not None:
            yield "resource"


def _principals(was: dict[str, Json], now: dict[str, Json]) -> Iterator[str]:
    """The accounts and users outside of the template that statements newly allow."""
    known = set(_named(was))
    yield from (f"allows {name}" for name in dict.fromkeys(_named(now)) if name not in known)


def _named(data: Json) -> Iterator[str]:
    """The literal principals of Allow statements, without services: an account, an ARN of one, a canonical user."""
    for _, value in pointer.walk(data):
        if isinstance(value, dict) and value.get("Effect") == "Allow" and isinstance(value.get("Principal"), dict):
            for kind, names in mapping(value["Principal"]).items():
                texts = (text for _, text in pointer.walk(names) if isinstance(text, str))
                yield from (text for text in texts if kind == "CanonicalUser" or _ACCOUNT.search(text))


def _unguarded(was: dict[str, Json], now: dict[str, Json]) -> Iterator[str]:
    """The Allow statements, told apart by all else that they say, that lose their condition; lost Deny statements."""
    before, after = list(_statements(was)), list(_statements(now))
    bare = [each for each in after if "Condition" not in each]
    for statement in before:
        rest = {key: value for key, value in statement.items() if key != "Condition"}
        if statement.get("Effect") == "Allow" and "Condition" in statement and rest in bare:
            yield "a statement loses its condition"
    if sum(each.get("Effect") == "Deny" for each in after) < sum(each.get("Effect") == "Deny" for each in before):
        yield "a Deny statement is removed"


def _statements(data: Json) -> Iterator[dict[str, Json]]:
    return (value for _, value in pointer.walk(data) if isinstance(value, dict) and value.get("Effect") in _EFFECTS)


def _texts(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _flags(was: Json, now: Json, place: str = "") -> Iterator[str]:
    """The flags that newly open access or no longer protect, compared at the same place."""
    if isinstance(now, dict):
        old = mapping(was)
        for name in _OPENING:
            if is_true(now.get(name)) and not is_true(old.get(name)):
                yield f"{name} becomes true"
        for name in _PROTECTING:
            if is_true(old.get(name)) and not is_true(now.get(name)) and not isinstance(now.get(name), dict):
                yield f"{name} is no longer true"
        for name, opening in _OPEN_VALUES:
            if now.get(name) == opening and old.get(name) not in (None, opening):
                yield f"{name} becomes {opening}"
        if now.get("Principal") == "*" != old.get("Principal") and "Effect" not in now:
            yield "allows any principal"
        if now.get("AuthType") == "NONE" != old.get("AuthType"):
            yield "AuthType becomes NONE"
        acl = now.get("AccessControl")
        if acl in _PUBLIC_ACLS and old.get("AccessControl") != acl:
            yield f"AccessControl becomes {acl}"
        for key, value in now.items():
            yield from _flags(old.get(key), value, f"{place}/{key}")
    elif isinstance(now, list):
        earlier = sequence(was)
        for index, item in enumerate(now):
            yield from _flags(earlier[index] if index < len(earlier) else None, item, f"{place}/{index}")
