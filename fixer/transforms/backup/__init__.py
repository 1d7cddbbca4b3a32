"""AWS Backup: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    "short_cold_storage",
)
