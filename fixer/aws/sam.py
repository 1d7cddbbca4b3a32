"""What CloudFormation makes of a SAM template, by AWS's own translator (the extra `sam`).

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html
The translator runs in CloudFormation when it creates a change set. It reads code from S3 only; `sam package` writes
these addresses, so a local path stands for an address that is different for each path.
"""

import contextlib
import copy
import functools
import hashlib
import importlib.metadata
import json
import logging
import os
from collections.abc import Callable, Iterator
from typing import Any

from fixer.aws.gc_pause import without_collecting
from fixer.model import Json

TRANSFORM = "AWS::Serverless-2016-10-31"
_REGION = "us-east-1"
_LOCAL = {
    "AWS::Serverless::Function": ("CodeUri", "ImageUri"),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri",),
}
"""Resource type → the properties that may be a local path before `sam package`."""


def version() -> str:
    """The translator's version; "" if it is not installed."""
    try:
        return importlib.metadata.version("aws-sam-translator")
    except importlib.metadata.PackageNotFoundError:
        return ""


def expand(data: dict[str, Json]) -> dict[str, Json] | None:
    """The template that CloudFormation deploys; None if the translator rejects the template, or is not installed.

    References to parameters that the translator reads itself have the Default of the parameter there.
    """
    return copy.deepcopy(_expanded(json.dumps(data))) if version() else None


@functools.lru_cache(maxsize=32)
def _expanded(text: str) -> dict[str, Json] | None:
    new_translator = _loaded()
    template = _packaged(json.loads(text))
    try:
        with _region():
            translator = new_translator()
            found = translator.translate(sam_template=template, parameter_values={}, passthrough_metadata=True)
    except Exception:  # Besides its own, the translator raises anything for a template that it does not expect.
        return None
    result: dict[str, Json] = json.loads(json.dumps(found))
    return result


@functools.cache
def _loaded() -> Callable[[], Any]:
    """Makes a translator. It is imported once: the objects of an import stay, those of a template do not."""
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    with without_collecting():
        from samtranslator.parser.parser import Parser
        from samtranslator.translator.translator import Translator
    return lambda: Translator(managed_policy_map={}, sam_parser=Parser())


def _packaged(template: dict[str, Json]) -> dict[str, Json]:
    """The template with an address in S3, or of an image, in place of each local path."""
    resources = template.get("Resources")
    for resource in resources.values() if isinstance(resources, dict) else ():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if isinstance(resource, dict) and isinstance(properties, dict):
            local = {name for name in _LOCAL.get(str(resource.get("Type")), ()) if name in properties}
            properties.update({name: _address(name, properties[name]) for name in local})
    return template


def _address(name: str, value: Json) -> Json:
    if not isinstance(value, str) or value.startswith("s3://") or ".dkr.ecr." in value:
        return value
    key = hashlib.sha256(value.encode()).hexdigest()[:16]
    return f"123456789012.dkr.ecr.{_REGION}.amazonaws.com/{key}" if name == "ImageUri" else f"s3://local/{key}"


@contextlib.contextmanager
def _region() -> Iterator[None]:
    """The translator asks the environment for the Region, which decides the partition of ARNs only."""
    before = os.environ.get("AWS_DEFAULT_REGION")
    os.environ["AWS_DEFAULT_REGION"] = before or _REGION
    try:
        yield
    finally:
        if before is None:
            del os.environ["AWS_DEFAULT_REGION"]
