"""The interactive review: a person decides patch by patch."""
