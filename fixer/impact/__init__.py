"""The effects of a patch on a deployed stack."""
