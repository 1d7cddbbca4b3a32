"""The twelve failures of the review that started the project, in the order in which a round repairs them."""

from fixer.transforms import TRANSFORMS

_IDS = {
    "missing-vpc",
    "missing-vpc-peering",
    "permissive-ingress",
    "calculated-health-check",
    "health-check-parameter",
    "missing-dashboard",
    "topic-without-subscription",
    "enhanced-monitoring",
    "backup-window-overlap",
    "log-export-permissions",
    "manual-cross-stack-value",
    "noecho-username",
}
TWELVE = tuple(transform.id for transform in TRANSFORMS if transform.id in _IDS)
