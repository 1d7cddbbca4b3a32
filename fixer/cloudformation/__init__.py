"""What a template means: references, intrinsics, projects, roles, databases, DNS records, regions, IAM."""
