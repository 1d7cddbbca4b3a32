"""Amazon S3: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    "bucket_name_in_policy",
    "legacy_bucket_acl",
    "bucket_name_case",
)
