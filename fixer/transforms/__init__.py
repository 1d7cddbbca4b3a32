"""The transforms, in the order in which a round runs them. Level 5."""

from fixer.transforms import (
    backup_window_overlap,
    calculated_health_check,
    missing_vpc,
    noecho_username,
    permissive_ingress,
)
from fixer.transforms.contract import Transform

TRANSFORMS: tuple[Transform, ...] = (
    missing_vpc.TRANSFORM,
    calculated_health_check.TRANSFORM,
    noecho_username.TRANSFORM,
    backup_window_overlap.TRANSFORM,
    permissive_ingress.TRANSFORM,
)
"""What creates what others use comes first."""
