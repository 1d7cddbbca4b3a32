"""Amazon Route 53: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    # Before the next: records then refer to a health check that works.
    "calculated_health_check",
    "health_check_parameter",
)
