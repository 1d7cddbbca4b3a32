"""`python -m fixer`."""

from fixer.cli.main import main

main()
