"""Texts in a template that another language reads: scripts, code, build specifications, dashboards. Pure.

In such a text, ${NAME} may belong to that language. In a Fn::Sub it must then be written ${!NAME}.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
"""

import re

from fixer import pointer
from fixer.model import Json

_KEYS = {
    *("UserData", "ZipFile", "InlineCode", "BuildSpec", "FunctionCode", "Definition", "DefinitionString", "Template"),
    *("DefinitionBody", "EventPattern", "TemplateBody", "DashboardBody", "Body", "Code", "Query", "QueryString"),
    *("RequestTemplates", "ResponseTemplates", "RequestMappingTemplate", "ResponseMappingTemplate", "SqlStatement"),
    *("Command", "EntryPoint", "Commands", "commands", "runCommand", "files", "Content", "content", "Script", "script"),
    *("StageVariables", "Variables", "Sql", "ScriptLocation", "Blueprint", "PipelineDefinition", "InlineScript"),
    "TopicRulePayload",
}
"""Keys whose values another language than CloudFormation also reads."""

_ENVIRONMENT = re.compile(
    "HOME|PATH|USER|PWD|OLDPWD|SHELL|HOSTNAME|LANG|TERM|UID|EUID|RANDOM|SECONDS|LINENO|IFS|PPID|FUNCNAME|LOGNAME|TMPDIR"
    "|(AWS|CODEBUILD|BASH|ECS|LAMBDA|GITHUB|CI|DOCKER|PYTHON|NODE|JAVA)_[A-Z0-9_]+"
)
"""The whole names of variables that a system sets: matches "HOME" and "CODEBUILD_SRC_DIR", not "Home" or "TAG"."""

_LABELS = re.compile(r"LABEL|AVG|MAX|MIN|SUM|LAST|FIRST|DATAPOINT_COUNT|(FIRST|LAST|MAX|MIN)_[A-Z_]+|PROP\(.*\)")
"""The dynamic labels of dashboards.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
"""

_GLOBALS = {"process", "JSON", "Math", "Date", "Object", "Array", "String", "Number", "this", "console", "globalThis"}
"""The names that JavaScript defines."""

_VALID = re.compile(r"\s*[A-Za-z0-9:]+(\.[A-Za-z0-9.:_-]+)?\s*")
"""What can be a variable of CloudFormation: "Stage", "Queue.Arn", "AWS::Region"; not "DB_HOST", "x:-1" or "a + 1"."""

_API_GATEWAY = re.compile(r"stageVariables\..+")
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html"""

_POLICY_VARIABLE = re.compile(r"[a-z][\w.-]*:[\w./-]+")
"""A variable of IAM or of the CloudWatch agent: matches "aws:username", "aws:PrincipalTag/team" and "saml:sub". Must
not match "AWS::Region" or "Queue.Arn", which are CloudFormation's.
"""


def language_key(place: str, text: Json = "") -> str:
    """The key that tells that another language reads the text at a place, as UserData; "" if none does."""
    tokens = pointer.split(place)
    found = next((token for token in tokens[2:] if token in _KEYS), "")
    if not found and isinstance(text, str) and text.lstrip().startswith(("#!", "<powershell>", "<script>")):
        return tokens[-1]
    return found


def is_policy_variable(variable: str) -> bool:
    """Whether a variable has the form of those of IAM policies: aws:username.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    return _POLICY_VARIABLE.fullmatch(variable) is not None


def is_foreign(place: str, text: str, variable: str) -> bool:
    """Whether a variable in the text at a place (the text between ${ and }) is one of the text's own language: that
    language defines it, the text itself does, or CloudFormation cannot have such a name.
    """
    if is_policy_variable(variable):
        return bool(language_key(place, text)) or _is_in_policy(place)
    if _API_GATEWAY.fullmatch(variable):
        return True
    key = language_key(place, text)
    if not key:
        return False
    if key == "DashboardBody":
        return _LABELS.fullmatch(variable) is not None
    name = re.match(r"\s*[#!]?(\w+)", variable)
    if not _VALID.fullmatch(variable):
        return True
    return name is not None and (
        _ENVIRONMENT.fullmatch(name[1]) is not None or name[1] in _GLOBALS or defines(text, name[1], key)
    )


def defines(text: str, name: str, key: str = "") -> bool:
    """Whether a script assigns a variable of that name, or uses it as $name, which is never CloudFormation's. An
    assignment of the variable to itself does not count: `export STAGE=${STAGE}` passes on a value of the template.
    """
    n, itself = re.escape(name), rf"\s*[\"']?\$\{{{re.escape(name)}\}}"
    patterns: tuple[str, ...] = (
        # Matches "TAG=$(date)", "export TAG=1" and "TAG+=x". Must not match "TAG==1", "X_TAG=1", "TAG=${TAG}".
        rf"(?<![\w.$-]){n}\+?=(?!=|{itself})",
        # Matches "const who =", "let who;", "for TAG in", "foreach ($who in", "ARG TAG", "def who(".
        rf"\b(?:const|let|var|for|foreach|function|local|readonly|declare|ARG|def)\s+(?:-\w+\s+)*\(?\$?{n}\b(?!={itself})",
        rf"\b(?:const|let|var)\s+\[[^\]\n]*\b{n}\b|\bread\b[^\n;|]*\s{n}\b",
        # Matches "who = 1" and "$who = 1" at the beginning of a line, and "{who} = event".
        rf"^\s*\$?{n}\s*=(?!=|{itself})",
        rf"\{{[^{{}}\n]*\b{n}\b[^{{}}\n]*\}}\s*=(?![=>])",
        # Matches the parameter of a function: "(event, who) =>", "who =>", "function f(who)", "catch (who)".
        rf"\([^()\n]*\b{n}\b[^()\n]*\)\s*=>|\b{n}\s*=>|\b(?:function\b[^(\n]*|catch\s*)\([^()\n]*\b{n}\b",
        # Matches the "$TAG" of a shell. Must not match "$TAGS" or "${TAG}".
        rf"(?<![\w$])\${n}\b",
    )
    if key == "BuildSpec":  # The variables in its env: "TAG: latest".
        patterns += (rf"^\s*(?:-\s*)?{n}:\s(?!{itself})",)
    return any(re.search(each, text, re.M) for each in patterns)


def _is_in_policy(place: str) -> bool:
    """Whether a place is in a policy document: PolicyDocument, KeyPolicy, AssumeRolePolicyDocument, Policy."""
    return any(token.endswith(("Policy", "PolicyDocument", "Policies", "PolicyText")) for token in pointer.split(place))
