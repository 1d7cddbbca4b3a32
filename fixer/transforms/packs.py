"""The packs: transforms that answer wishes, such as the controls of security scanners. They are loaded on demand.

Nothing of a pack runs by default, and a run without packs does not read their table.
"""

import functools
from collections.abc import Iterable

from fixer.transforms.transform import Transform

PACKS = ("security", "resilience", "operations")
"""The names of the packs."""


@functools.cache
def pack_transforms() -> tuple[Transform, ...]:
    """All transforms that belong to packs or that run only on request, in the order in which a round runs them."""
    from fixer.transforms import posture
    from fixer.transforms.properties.repair import property_repairs

    # New flow logs come first, because their log groups get a key like all others.
    return (*posture.TRANSFORMS, *property_repairs())


@functools.cache
def _by_control() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for transform in pack_transforms():
        for control in transform.controls:
            found[_bare(control)] = (*found.get(_bare(control), ()), transform.id)
    return found


def _bare(control: str) -> str:
    """A control in capitals, without AVD- of Trivy's older ids and without the ending of a Guard rule: the registry of
    rules and AWS Control Tower name the same rule with and without it.
    """
    return control.upper().removeprefix("AVD-").removesuffix("_RULE").removesuffix("_CHECK")


def answering(control: str) -> tuple[str, ...]:
    """The ids of the transforms that answer a control of another tool (`CKV_AWS_18`, `AWS-0089`, `AVD-AWS-0089`,
    `S3_BUCKET_VERSIONING_ENABLED`, `S3.9`); () if none does. Capitals do not matter.
    """
    return _by_control().get(_bare(control), ())


def in_packs(packs: Iterable[str]) -> tuple[Transform, ...]:
    """The transforms of these packs."""
    wanted = set(packs)
    return tuple(transform for transform in pack_transforms() if transform.pack in wanted)
