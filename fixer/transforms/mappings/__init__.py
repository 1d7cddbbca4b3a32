"""The Mappings section: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    "unknown_mapping_key",
    "unused_mapping",
)
