"""How long a document takes, as ratios to json.loads of the same text: `python benchmarks/document.py`.

Parse plus one operation (proof included: the patched text is parsed again) should be at most 15 times json.loads on
30 KB, and grow linearly. The two are timed in turn, the medians are compared: the machine may be busy.
"""

import json
import statistics
import time
from collections.abc import Callable

from fixer.document import parse
from fixer.model import Op

SIZES = {"30 KB": 30_000, "300 KB": 300_000, "5 MB": 5_000_000}
LIMIT = 15


def template(size: int) -> str:
    """A template of about so many characters, made of topics and alarms."""
    resources: dict[str, object] = {}
    text = 0
    while text < size:
        name = f"Resource{len(resources)}"
        resources[name] = {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": {"Fn::Sub": f"service-alarm-{name}-${{EnvironmentSuffix}}"},
                "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": {"Ref": "Instance"}}],
                "Threshold": len(resources),
                "ActionsEnabled": True,
            },
        }
        text += len(json.dumps(resources[name], indent=2)) + 60
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}, indent=2)


def once(call: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def yaml_table() -> None:
    """The same for YAML, against PyYAML's C loader, per KB."""
    import yaml

    for label, size in {"30 KB": 30_000, "300 KB": 300_000}.items():
        text = yaml.safe_dump(json.loads(template(size)), sort_keys=False)
        last = list(json.loads(template(size))["Resources"])[-1]
        ops: list[Op] = [{"op": "replace", "path": f"/Resources/{last}/Properties/Threshold", "value": 80}]
        plain, ours = [], []
        for _ in range(10 if size < 100_000 else 3):
            plain.append(once(lambda text=text: yaml.load(text, Loader=yaml.CSafeLoader)))  # type: ignore[misc]
            ours.append(once(lambda text=text, ops=ops: parse(text, "t.yaml").apply(ops)))  # type: ignore[misc]
        base, mine, kilobytes = statistics.median(plain), statistics.median(ours), len(text) / 1000
        print(f"{label:>7}  PyYAML (C) {base * 1000 / kilobytes:6.3f} ms/KB  parse and one operation", end=" ")
        print(f"{mine * 1000 / kilobytes:6.3f} ms/KB  ratio {mine / base:.1f}")


def main() -> None:
    for label, size in SIZES.items():
        text = template(size)
        last = list(json.loads(text)["Resources"])[-1]
        ops: list[Op] = [{"op": "replace", "path": f"/Resources/{last}/Properties/Threshold", "value": 80}]
        plain, ours = [], []
        for _ in range(5 if size > 1_000_000 else 200):
            plain.append(once(lambda text=text: json.loads(text)))  # type: ignore[misc]
            ours.append(once(lambda text=text, ops=ops: parse(text, "t.json").apply(ops)))  # type: ignore[misc]
        base, mine = statistics.median(plain), statistics.median(ours)
        limit = f", at most {LIMIT}" if size == 30_000 else ""
        print(f"{label:>7}  json.loads {base * 1000:8.2f} ms  parse and one operation {mine * 1000:8.2f} ms", end="  ")
        print(f"ratio {mine / base:.1f}{limit}")
    yaml_table()


if __name__ == "__main__":
    main()
