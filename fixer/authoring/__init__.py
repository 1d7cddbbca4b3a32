"""The tools for writing patches: the context of a transform, names, replaced parameters, values of other stacks."""
