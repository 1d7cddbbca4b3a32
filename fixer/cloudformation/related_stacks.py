"""How two templates of a project are related: versions of one stack, or stacks of other accounts. Pure."""

import os
import re

from fixer import pointer
from fixer.cloudformation.intrinsics import literal_text, words
from fixer.cloudformation.project import Project
from fixer.cloudformation.template import Template

_ACCOUNT_ID = re.compile(r"\^?\(?(?:\\d|\[0-9\])\{12\}\)?\$?")
"""What the AllowedPattern of an account id looks like: `^\\d{12}$`, but not that of an ARN."""

_STACK_SET = "AWS::CloudFormation::StackSet"
_ACCOUNT_IN_ARN = re.compile(r"arn:[^:\s]*:(?:iam|sts)::(\d{12}|\$\{(?!AWS::AccountId\b)[^}]+\}):")
_ACCOUNTS = re.compile(r"(?<!service )(?<!user )(?<!customer )(?<!bank )\baccounts?\b|\bcross-?accounts?\b", re.I)
_ENDS = {"account", "accounts", "id", "ids", "number", "numbers", "arn", "arns"}


def are_versions(first: Template, second: Template) -> bool:
    """Whether two templates declare mostly the same logical ids: then they are versions or variants of one stack, and
    neither reads from the other.
    """
    mine, theirs = set(first.section("Resources")), set(second.section("Resources"))
    shared, smaller = len(mine & theirs), min(len(mine), len(theirs))
    return shared * 2 > smaller and (shared > 1 or shared * 2 >= len(mine | theirs))


def other_account(project: Project, template: Template) -> str:
    """The evidence that a template works with another AWS account, or is deployed in several; "" if there is none."""
    for name in template.section("Parameters"):
        if _is_account(template, name) and template.references_to(name):
            return f"its parameter {name} is another account"
    if names_accounts(str(template.data.get("Description", ""))):
        return "its Description mentions accounts"
    for _, value in pointer.walk(template.data.get("Resources")):
        if isinstance(value, str) and (found := _ACCOUNT_IN_ARN.search(value)):
            return f"it names the account {found[1]}"
    if next(template.of_type("AWS::RAM::ResourceShare"), None):
        return "it shares resources with other accounts"
    file = os.path.basename(template.path)
    for other, each in project.of_type(_STACK_SET):
        if literal_text(each.properties.get("TemplateURL")).partition("?")[0].rpartition("/")[2] == file:
            return f"the stack set {each.logical_id} of {other.path} deploys it"
    return ""


def names_accounts(text: str) -> bool:
    """Whether a Description mentions AWS accounts."""
    return _ACCOUNTS.search(text) is not None


def _is_account(template: Template, name: str) -> bool:
    """Whether a parameter holds account ids, by its name or by what it accepts."""
    declared = template.parameter(name) or {}
    if _ACCOUNT_ID.fullmatch(str(declared.get("AllowedPattern"))):
        return True
    called = words(name)
    places = [index for index, word in enumerate(called) if word in ("account", "accounts")]
    is_service = any(called[index - 1] == "service" for index in places if index)
    return bool(places) and not is_service and called[-1] in _ENDS
