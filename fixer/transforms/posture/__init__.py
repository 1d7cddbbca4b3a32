"""Wishes that one value cannot express: one transform for each. They belong to packs and are loaded on demand."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    "insecure_bucket_transport",
    "undescribed_security_group_rule",
    "open_admin_port",
    "open_egress",
    "plaintext_credential",
    "trail_without_log_group",
    "unlogged_vpc",
    "unmonitored_database",
)
