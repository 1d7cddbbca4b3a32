"""What a patch is written with: the context of a transform, names, replaced parameters, values of other stacks."""
