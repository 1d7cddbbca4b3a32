"""What transforms share: networks, databases, health checks, names, parameters, as templates write them. Level 4, pure.

Questions about a template or a project, and pieces of new text; nothing here decides what is a failure.
"""
