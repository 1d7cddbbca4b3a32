"""Repairs of the text of a template, before it is read as data."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(__name__, "unparsable_template")
"""In the order in which a round runs them."""
