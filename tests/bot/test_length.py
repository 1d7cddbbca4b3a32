"""GitHub takes bodies of 65,536 characters: that of a pull request with very many or very long repairs stays below."""

from dataclasses import replace

import pytest

from fixer.bot.texts import BODY_LIMIT, body
from fixer.model import Outcome, Report
from fixer.run import commands as run
from fixer.settings import Settings

TEMPLATE = "Resources:\n" + "".join(
    f"""\
  Topic{n}: {{Type: AWS::SNS::Topic}}
  Subscription{n}:
    Type: AWS::SNS::Subscription
    DependsOn: Topic{n}
    Properties: {{TopicArn: !Ref Topic{n}, Protocol: email, Endpoint: ops@example.com}}
"""
    for n in range(40)
)


@pytest.fixture(scope="module")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> Report:
    file = tmp_path_factory.mktemp("long") / "t.yaml"
    file.write_text(TEMPLATE)
    return run.apply([str(file)], Settings(cache=False))


@pytest.mark.parametrize(("copies", "longer"), [(1, ""), (40, ""), (1, "x" * 3_000), (10, "y" * 20_000)])
def test_a_body_stays_below_the_limit(repaired: Report, copies: int, longer: str) -> None:
    [template] = repaired.templates
    assert repaired.count(Outcome.WOULD_APPLY) == 40
    wide = tuple(replace(each, notes=(longer,), wants=(f"a.b={longer}",)) for each in template.resolutions)
    left = tuple(replace(each, order=0, outcome=Outcome.NEEDS_VALUE) for each in wide)
    report = replace(repaired, templates=(replace(template, resolutions=wide * copies + left),))
    text = body(report, ["--set", f"x.y={longer[:1000]}"], 3, ["lib/"])
    assert len(text) <= BODY_LIMIT < 65_536
    assert "### Reproduce it" in text
