"""The repairs that a review shows."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(__name__, "as_reviewed")
