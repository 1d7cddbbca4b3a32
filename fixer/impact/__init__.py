"""What a patch does to a stack that is deployed."""
