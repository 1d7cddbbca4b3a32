"""The public suites for JSON (nst/JSONTestSuite) and JSON Patch (json-patch/json-patch-tests), through the engine."""

import json
from pathlib import Path
from typing import Any

import pytest

from fixer.document import parse
from fixer.document.operations import identical
from fixer.errors import BadTemplate, FixerError

SUITES = Path(__file__).parents[3] / "shared" / "conformance"
JSON_CASES = sorted((SUITES / "JSONTestSuite" / "test_parsing").glob("*.json"))
PATCH_CASES = [
    pytest.param(case, id=f"{file.stem}-{number}")
    for file in sorted((SUITES / "json-patch-tests").glob("*.json"))
    for number, case in enumerate(json.loads(file.read_text()))
    if not case.get("disabled") and "doc" in case and "patch" in case
]


@pytest.mark.skipif(SUITES.exists(), reason="the suites are here")
def test_the_suites_are_absent() -> None:
    pytest.skip("../shared/conformance is absent: the public suites are not run")


@pytest.mark.parametrize("file", JSON_CASES, ids=lambda file: file.stem)
def test_json_parsing(file: Path) -> None:
    data = file.read_bytes()
    try:
        document = parse(data, file.name)
    except BadTemplate as error:
        assert file.name[0] in "ni", f"refused: {error}"
        assert error.line and error.column and error.path == file.name
        return
    assert file.name[0] in "yi", "accepted"
    assert document.text.encode() == data
    assert document.apply([]) is document
    assert identical(document.data, json.loads(data))


@pytest.mark.parametrize("case", PATCH_CASES)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_patch(case: dict[str, Any], indent: int | None) -> None:
    document = parse(json.dumps(case["doc"], indent=indent), "case.json")
    if "expected" in case:
        assert identical(document.apply(case["patch"]).data, case["expected"])
    elif "error" in case:
        with pytest.raises(FixerError):
            document.apply(case["patch"])
    else:
        document.apply(case["patch"])
