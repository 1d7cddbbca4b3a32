"""Amazon RDS and Aurora: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    "enhanced_monitoring",
    "backup_window_overlap",
    "unknown_log_export",
    "log_export_permissions",
    "outdated_engine_version",
    "password_in_template",
)
