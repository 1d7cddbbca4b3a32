"""Amazon Route 53: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    # This transform comes first, so that records refer to health checks that work. Example: a record that refers to a
    # CALCULATED health check without children can never fail over.
    "calculated_health_check",
    "health_check_parameter",
)
