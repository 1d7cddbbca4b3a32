"""A Report as text for people and for machines. Level 8: values in, strings out; nothing is printed here."""
