"""Amazon EC2 and VPC: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    # First: peering and ingress rules refer to the VPC that it creates.
    "missing_vpc",
    "missing_vpc_peering",
    "permissive_ingress",
    "hardcoded_ami",
    "optional_key_pair",
    "ports_with_all_protocols",
    "hardcoded_zone",
)
