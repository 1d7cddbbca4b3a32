"""Resources of any type: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    "redundant_depends_on",
    "missing_update_replace_policy",
    "null_value",
    "octal_account_id",
    "unknown_section",
    "wrong_section",
    # Before missing_property, so that a misspelled property is renamed and not added a second time.
    "unknown_property",
    "missing_property",
    "invalid_value",
    "wrong_type",
    "missing_dependent_property",
    "bad_logical_id",
    "unknown_resource_type",
    "circular_dependency",
)
