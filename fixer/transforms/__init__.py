"""The transforms: one folder per service or section of a template, one file per failure."""

from itertools import chain

from fixer.transforms import (
    backup,
    cloudwatch,
    conditions,
    cross_stack,
    ec2,
    events,
    functions,
    iam,
    lambda_,
    mappings,
    parameters,
    rds,
    resources,
    route53,
    s3,
    sns,
)
from fixer.transforms.transform import Transform

_FOLDERS = (
    # New networks, health checks and alarms come first: the transforms after them refer to what they add.
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
    # What nothing uses is known last: the transforms before may have found a use for it.
    conditions,
    mappings,
    parameters,
)

_ALL = tuple(chain.from_iterable(folder.TRANSFORMS for folder in _FOLDERS))

TRANSFORMS: tuple[Transform, ...] = (
    # A transform that looks for itself runs before those that cfn-lint feeds: one lint then judges its patch and feeds
    # the others.
    *(transform for transform in _ALL if not transform.rules),
    *(transform for transform in _ALL if transform.rules),
)
"""Every transform, in the order in which a round runs them."""

RENAMED = {
    "bogus-resource-type": ("unknown-resource-type",),
    "ignored-ports": ("ports-with-all-protocols",),
    "missing-companion": ("missing-dependent-property",),
    "missing-policy-twin": ("missing-update-replace-policy",),
    "unused-entry": ("unused-condition", "unused-mapping"),
}
"""Ids of earlier versions, with the transforms that took their place. They keep working, with a warning."""
