"""`python -m fixer`. Nothing is imported from the working folder: a file there is not part of fixer.

Python puts the working folder in front of the import path (unless it runs with -P), where a `yaml.py` of a repository
would take the place of the library. The same holds for an empty item of PYTHONPATH.
"""

import sys


def _leave_out_the_working_folder() -> None:
    import os  # Python has loaded it before this module.

    try:
        here = os.getcwd()
    except OSError:  # The folder is gone.
        return
    if not sys.flags.safe_path and sys.path and sys.path[0] in ("", here):
        del sys.path[0]
    given = os.environ.get("PYTHONPATH")
    items = given.split(os.pathsep) if given else []
    if "" in items and not any(item and os.path.abspath(item) == here for item in items):
        sys.path[:] = [item for item in sys.path if item not in ("", here)]


def _main() -> None:
    from fixer.cli.main import main

    main()


_leave_out_the_working_folder()
_main()
