"""Intrinsic functions and the names in them: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    "wrong_arguments",
    "needless_sub",
    "ref_instead_of_attribute",
    "undefined_name",
    "unknown_attribute",
    "missing_sub",
)
