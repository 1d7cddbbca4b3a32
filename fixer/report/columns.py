"""Rows of text in aligned columns."""

from collections.abc import Iterable, Sequence


def aligned(rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> list[list[str]]:
    """The cells of each row, padded to the width of their column: on the right, or on the left for columns in `right`.

    Every row has the same number of cells. Widths count characters.
    """
    table = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    on_left = set(right)
    return [
        [
            cell.rjust(width) if index in on_left else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in table
    ]
