"""A Report as text for people and for machines: values in, strings out. This package prints nothing."""
