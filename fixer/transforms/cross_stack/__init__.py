"""Values that one stack hands to another: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    "manual_cross_stack_value",
)
