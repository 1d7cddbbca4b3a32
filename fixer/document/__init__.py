"""Text and data with a source span per JSON Pointer; RFC 6902 operations as minimal text edits.

`document` is the entry point. `operations` defines what a patch means, `overlay` which text is at each place after it
(`rewrite` compares new data with old, `order` places new keys), `settle` finds what was moved (`adoption`), and
`splice` turns that into edits. A syntax (`json_source`, `yaml_source`) knows how to read and write its text.
`yaml_witness` is a second reader of YAML, for the proof.
"""

from fixer.document.document import Document, parse
from fixer.document.edits import apply_edits, revert_edits
from fixer.document.source import Syntax

__all__ = ["Document", "Syntax", "apply_edits", "parse", "revert_edits"]
