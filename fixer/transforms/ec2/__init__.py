"""Amazon EC2 and VPC: the transforms of this folder, in the order in which they run."""

from fixer.transforms.transform import registered

TRANSFORMS = registered(
    __name__,
    # The VPC comes first, because the peering connection and the ingress rules refer to it. Example: without a VPC in
    # both templates, missing_vpc_peering waits for it.
    "missing_vpc",
    "missing_vpc_peering",
    "permissive_ingress",
    "hardcoded_ami",
    "optional_key_pair",
    "ports_with_all_protocols",
    "hardcoded_zone",
)
