"""Repairs from the earlier versions of a template: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(__name__, "lost_value")
