"""The transforms, in the order in which a round runs them. Level 5."""

from fixer.transforms import calculated_health_check, noecho_username, permissive_ingress
from fixer.transforms.contract import Transform

TRANSFORMS: tuple[Transform, ...] = (
    calculated_health_check.TRANSFORM,
    noecho_username.TRANSFORM,
    permissive_ingress.TRANSFORM,
)
"""What creates what others use comes first."""
