"""AWS Lambda: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    "reserved_variable",
    "missing_source_account",
    "deprecated_runtime",
)
