"""How well listed failures are mapped to transforms, measured on failures that a person labelled.

    python benchmarks/review_labels.py LABELS.jsonl [--all]

Each line of LABELS.jsonl is one entry of a review: `title`, `body` (with the line of the title), `id` (the transform
that repairs it, or null), `part_ids` (transforms that repair a part of it), `kind` where id is null (`template`,
`design`, `other`, `noise`). It prints the precision of the mapping, its recall among the entries with an id, and what
was mapped among `other` and `noise`; then each entry that is mapped otherwise than labelled.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from fixer.engine.failure_map import transform_of
from fixer.inputs.failure_list import read
from fixer.model.failures import About, Failure
from fixer.transforms import RENAMED

FROM_FRAGMENTS = "as-reviewed"


def failure_of(label: dict[str, Any]) -> Failure:
    """The failure that fixer reads from the text of a labelled entry."""
    first, _, rest = label["body"].partition("\n")
    texts = (label["body"], f"### 1. {label['title']}\n{first if first[:1] in '-*+|' else ''}\n{rest}")
    found = [each for text in texts for each in read(text) if each.line == 1]
    return found[0] if found else Failure(1, label["title"], "", 1, body=label["body"])


def main(path: str, everything: bool = False) -> None:
    """Prints the figures."""
    counts: Counter[str] = Counter()
    for line in Path(path).read_text().splitlines():
        label = json.loads(line)
        wanted = {RENAMED.get(each, (each,))[0] for each in (label.get("id"), *(label.get("part_ids") or ())) if each}
        failure = failure_of(label)
        transform = transform_of(failure)
        mapped = transform.id if transform and transform.id != FROM_FRAGMENTS else None
        kind = label.get("kind") or "id"
        counts[f"labelled {kind}"] += 1
        counts[f"{kind} read as {failure.about}"] += 1
        counts["with an id"] += bool(label.get("id"))
        counts["with an id, found"] += bool(label.get("id") and mapped in wanted)
        counts["mapped"] += bool(mapped)
        counts["mapped, right"] += bool(mapped and mapped in wanted)
        if kind in ("other", "noise") and failure.about is About.TEMPLATE:
            counts[f"{kind} with fragments that would be applied"] += any(each.corrected for each in failure.pairs)
        counts[f"fragments of '{label.get('snippets')}': pair"] += any(p.faulty and p.corrected for p in failure.pairs)
        if (mapped and mapped not in wanted) or (label.get("id") and not mapped) or everything:
            print(f"{label['review']}:{label['line']}: {label['title']}: {mapped or '-'}, labelled {wanted or kind}")
    print(f"precision {counts['mapped, right']}/{counts['mapped']}")
    print(f"recall {counts['with an id, found']}/{counts['with an id']}")
    for name, number in sorted(counts.items()):
        print(f"  {name}: {number}")


if __name__ == "__main__":
    main(sys.argv[1], "--all" in sys.argv)
