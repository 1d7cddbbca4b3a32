"""The transforms, in the order in which a round runs them. Level 5."""

from fixer.transforms import (
    backup_window_overlap,
    calculated_health_check,
    enhanced_monitoring,
    health_check_parameter,
    log_export_permissions,
    manual_cross_stack_value,
    missing_dashboard,
    missing_vpc,
    missing_vpc_peering,
    noecho_username,
    permissive_ingress,
    redundant_depends_on,
    topic_without_subscription,
)
from fixer.transforms.contract import Transform

TRANSFORMS: tuple[Transform, ...] = (
    missing_vpc.TRANSFORM,
    calculated_health_check.TRANSFORM,
    health_check_parameter.TRANSFORM,
    missing_dashboard.TRANSFORM,
    noecho_username.TRANSFORM,
    missing_vpc_peering.TRANSFORM,
    enhanced_monitoring.TRANSFORM,
    topic_without_subscription.TRANSFORM,
    backup_window_overlap.TRANSFORM,
    permissive_ingress.TRANSFORM,
    manual_cross_stack_value.TRANSFORM,
    log_export_permissions.TRANSFORM,
    redundant_depends_on.TRANSFORM,
)
"""What creates what others use comes first."""
