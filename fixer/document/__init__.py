"""Text and data with a source span per JSON Pointer; RFC 6902 operations as minimal text edits.

`document` is the front; `operations` says what a patch means, `overlay` which text stands where after it, `splice`
turns that into edits, and a syntax (`json_text`) knows how its text is read and written.
"""

from fixer.document.document import Document, parse
from fixer.document.edits import apply_edits, revert_edits
from fixer.document.source import Syntax

__all__ = ["Document", "Syntax", "apply_edits", "parse", "revert_edits"]
