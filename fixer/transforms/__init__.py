"""The transforms: one folder per service or section of a template, one file per failure."""

import re
from itertools import chain

from fixer.transforms import (
    backup,
    cloudwatch,
    conditions,
    cross_stack,
    ec2,
    events,
    functions,
    history,
    iam,
    lambda_,
    mappings,
    parameters,
    rds,
    resources,
    review,
    route53,
    s3,
    sns,
    template,
)
from fixer.transforms.transform import Transform

_FOLDERS = (
    # The text is repaired before it is read as data.
    template,
    # New networks, health checks and alarms come first, because later transforms refer to them.
    ec2,
    route53,
    cloudwatch,
    sns,
    rds,
    cross_stack,
    functions,
    resources,
    backup,
    events,
    iam,
    lambda_,
    s3,
    # What the template itself tells comes before what its history tells.
    history,
    # Unused entries come last, because the transforms before them may start to use an entry.
    conditions,
    mappings,
    parameters,
)

_ALL = tuple(chain.from_iterable(folder.TRANSFORMS for folder in _FOLDERS))

TRANSFORMS: tuple[Transform, ...] = (
    # Transforms that do not read cfn-lint's matches come first: a single lint run then checks their patches and
    # provides the matches for the others.
    *(transform for transform in _ALL if not transform.rules),
    *(transform for transform in _ALL if transform.rules and not transform.last),
    # What a review shows comes after the transforms that know the failure better.
    *review.TRANSFORMS,
    *(transform for transform in _ALL if transform.last),
)
"""All transforms, in the order in which a round runs them."""

_RULE = re.compile(r"[EWI]\d{4}")


def is_rule(name: str) -> bool:
    """Whether a name has the form of the id of a cfn-lint rule."""
    return _RULE.fullmatch(name) is not None


def of_rule(rule: str) -> tuple[Transform, ...]:
    """The transforms that repair what a cfn-lint rule reports."""
    return tuple(transform for transform in TRANSFORMS if rule in transform.rules)


RENAMED = {
    "bogus-resource-type": ("unknown-resource-type",),
    "ignored-ports": ("ports-with-all-protocols",),
    "missing-companion": ("missing-dependent-property",),
    "missing-policy-twin": ("missing-update-replace-policy",),
    "unused-entry": ("unused-condition", "unused-mapping"),
}
"""Ids of earlier versions → the transforms that replace them. The old ids still work, with a warning."""
