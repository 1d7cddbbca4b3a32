"""Names and order of resources that are split off: an ingress rule from its group, a policy from its role. Pure."""

from collections.abc import Collection, Iterator, Sequence

from fixer.authoring.depends_on import depend
from fixer.cloudformation.intrinsics import as_int, literal_text, ref_target, words
from fixer.cloudformation.template import Template
from fixer.model import Json, Op


def rule_ids(
    template: Template, group: str, rules: Sequence[tuple[str, dict[str, Json]]], word: str = "From"
) -> list[str]:
    """A logical id for each rule (its peer, its properties): by the peer, by its ports where several rules have that
    peer, and by the protocol where these have the same ports. `word` is From for ingress and To for egress rules.
    """
    sources = [peer for peer, _ in rules]
    wishes = []
    for peer, rule in rules:
        protocol = _word(rule.get("IpProtocol")).title()
        by_ports = f"{group}{_ports(rule)}{word}{peer}"
        plain = f"{group}{word}{peer}" if sources.count(peer) == 1 else by_ports
        wishes.append((plain, by_ports, f"{group}{protocol}{_ports(rule)}{word}{peer}"))
    return _fresh(template, wishes)


def policy_ids(template: Template, role: str, policies: Sequence[dict[str, Json]]) -> list[str]:
    """A logical id for each policy of a role: by its PolicyName where there are several."""
    wishes = [(f"{role}{_named(each) or 'Policy'}" if len(policies) > 1 else f"{role}Policy",) for each in policies]
    return _fresh(template, wishes)


def after_policies(template: Template, role: str, policies: Sequence[str], circle: Collection[str]) -> Iterator[Op]:
    """Makes the resources that use a role, but are not in the circle, wait for the policies that are split off from it:
    as long as they were part of the role, they were there before these resources.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
    """
    users = {use.owner[1] for use in template.references_to(role) if use.owner[0] == "Resources"}
    for name, resource in template.resources.items():
        if name in users and name not in circle:
            yield from depend(resource, *policies)


def _fresh(template: Template, wishes: Sequence[tuple[str, ...]]) -> list[str]:
    """The first wish of each that neither the template nor an earlier one has, else the first with a number."""
    found: list[str] = []
    for wanted in wishes:
        numbered = (f"{wanted[0]}{number}" for number in range(2, 1000))
        found.append(next(each for each in (*wanted, *numbered) if _is_free(template, each, found)))
    return found


def _is_free(template: Template, name: str, taken: Collection[str]) -> bool:
    return name not in taken and template.fresh_id(name) == name


def _ports(rule: dict[str, Json]) -> str:
    first, last = (_word(rule.get(name)) for name in ("FromPort", "ToPort"))
    if not first or as_int(rule.get("IpProtocol")) == -1:
        return ""
    return first if first == last else f"{first}To{last}"


def _word(value: Json) -> str:
    """A value as part of a logical id: 443, tcp, DbPort of a Ref; "" for other expressions."""
    text = ref_target(value) or ("" if isinstance(value, dict | list) or value is None else str(value))
    return "".join(letter for letter in text if letter.isalnum())


def _named(policy: dict[str, Json]) -> str:
    """The PolicyName as part of a logical id: S3Access for s3-access, without variables."""
    return "".join(word[:1].upper() + word[1:] for word in words(literal_text(policy.get("PolicyName"))))
