"""Rounds of patches, their proof, the selection of transforms, and the map of listed failures."""
