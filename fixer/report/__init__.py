"""A Report as text for people and for machines. values in, strings out; nothing is printed here."""
