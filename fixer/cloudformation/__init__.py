"""The meaning of templates: references, intrinsics, projects, roles, databases, DNS records, regions, IAM."""
