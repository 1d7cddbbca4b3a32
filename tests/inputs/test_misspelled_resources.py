"""A template whose Resources are misspelled is a template; other files are not."""

import pytest

from fixer.inputs.discovery import is_template
from fixer.model import Json

QUEUE: Json = {"Orders": {"Type": "AWS::SQS::Queue"}}


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        ({"Resources": QUEUE}, True),
        ({"resources": QUEUE}, True),
        ({"Resource": QUEUE}, True),
        ({"Outputs": QUEUE}, False),
        ({"resources": {"Resources": QUEUE}}, False),  # The Serverless Framework.
        ({"resource": QUEUE, "Resource": QUEUE}, False),
        ({"resources": [QUEUE]}, False),
    ],
)
def test_what_is_a_template(data: Json, is_one: bool) -> None:
    assert is_template(data) is is_one
