"""The static site: sphinx-build -W docs docs/_build (pip install '.[docs]')."""

project = "fixer"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "fixer"
exclude_patterns = ["_build"]
myst_heading_anchors = 3
suppress_warnings = ["misc.highlighting_failure"]
