"""Rounds of patches, their proof, the selection of transforms, the map of listed failures."""
