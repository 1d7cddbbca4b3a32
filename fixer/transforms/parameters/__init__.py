"""The Parameters section: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    "noecho_username",
    "parameter_without_default",
    "non_literal_default",
    "unused_parameter",
)
