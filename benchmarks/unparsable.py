"""How many damaged templates are repaired, refused and repaired wrongly: python benchmarks/unparsable.py [N] [SEED].

The faults are those of tests/mending/damages.py, alone and in pairs, and N single characters that are deleted, doubled
or moved. The whole templates are those of ../shared/cases; FIXER_SHARED names another folder.
"""

import random
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "mending")]

from damages import damaged, judge, templates, typed  # noqa: E402

from fixer.document import parse  # noqa: E402
from fixer.document.source import Syntax  # noqa: E402


def hand_made(syntax: Syntax, pairs: bool, seed: int, every: int) -> None:
    """Prints the outcomes of each hand-made fault, or of pairs of them."""
    chance = random.Random(seed)
    total: Counter[str] = Counter()
    kinds = list(damaged(syntax))
    for name, damage in kinds:
        own: Counter[str] = Counter()
        for title, text in templates(syntax)[::every]:
            made = damage(text, chance)
            if made is None:
                continue
            whole, bad = made
            if pairs:
                second = chance.choice(kinds)[1](bad, chance)
                if second is None or second[0] != bad:
                    continue
                bad = second[1]
            path = "t.json" if syntax is Syntax.JSON and chance.random() < 0.9 else "t.template"
            began = time.monotonic()
            judged = judge(parse(whole, path).data, bad, path)
            own[judged.outcome] += 1
            if time.monotonic() - began > 8:
                own["slow"] += 1
            if judged.outcome == "wrong":
                print("WRONG", name, title, [(each.fault, each.position) for each in judged.mended.mends])
            elif "-v" in sys.argv and judged.outcome == "refused":
                print("refused", name, title, judged.mended.left[:2], [m.fault for m in judged.mended.mends])
        total += own
        if not pairs:
            print(f"{syntax} {name}: {dict(own)}")
    print(f"{syntax} {'pairs' if pairs else 'alone'}: {dict(total)}")


def fuzz(syntax: Syntax, count: int, seed: int) -> None:
    """Prints the outcomes of single characters that are deleted, doubled or moved."""
    chance = random.Random(seed)
    total: Counter[tuple[str, str]] = Counter()
    known = [(title, text, parse(text, "t").data) for title, text in templates(syntax)]
    for _ in range(count):
        title, text, data = chance.choice(known)
        kind, bad = typed(text, chance)
        judged = judge(data, bad, "t.json" if syntax is Syntax.JSON else "t.yaml")
        total[kind, judged.outcome] += 1
        if judged.outcome == "wrong":
            print("WRONG", kind, title, [(each.fault, each.position) for each in judged.mended.mends])
    print(f"{syntax} fuzz: { {' '.join(key): number for key, number in sorted(total.items())} }")


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:] if each.isdigit()]
    count, seed, every = [*numbers, *(400, 1, 4)[len(numbers) :]]
    for syntax in Syntax:
        hand_made(syntax, False, seed, every)
        hand_made(syntax, True, seed, every)
        fuzz(syntax, count, seed)
