"""Files beside the templates that pass parameters to a stack: the parameters, and the template.

The formats are those of `aws cloudformation deploy --parameter-overrides` and of the SAM configuration:
https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fixer.cloudformation.project import ParameterFile
from fixer.inputs import toml_text

_SAM = "samconfig.toml"
_LARGEST = 1_000_000
_ASSIGNMENT = re.compile(r"(?:ParameterKey=)?([A-Za-z0-9]+)(?:,ParameterValue)?=")


def parameter_files(folders: Iterable[str], templates: Iterable[str]) -> tuple[ParameterFile, ...]:
    """The parameter files of these folders, in the order of their names; `templates` are the paths of their possible
    templates. A file that cannot be read, or has another format, is skipped.
    """
    known = list(templates)
    found: list[ParameterFile] = []
    for folder in sorted(set(folders)):
        for name in sorted(os.listdir(folder or ".")):
            file = Path(folder, name)
            if (name == _SAM or name.endswith(".json")) and file.as_posix() not in known:
                found += _read(file, known)
    return tuple(found)


def _read(file: Path, templates: list[str]) -> Iterator[ParameterFile]:
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return
        text = file.read_text(encoding="utf-8-sig")
        data = toml_text.read(text) if file.name == _SAM else json.loads(text)
    except (OSError, ValueError, RecursionError):
        return
    if file.name == _SAM:
        yield from _sam(file, data)
    elif names := frozenset(_passed(data, "param" in file.name.lower())):
        yield ParameterFile(file.as_posix(), names, _named_after(file, templates))


def _passed(data: Any, is_called_so: bool) -> Iterator[str]:
    """The parameters in a JSON file: the CLI's list, a list of assignments, CodePipeline's Parameters or, if the file's
    name says so, a plain mapping.
    """
    if isinstance(data, list):
        for item in data:
            if isinstance(item, dict) and isinstance(item.get("ParameterKey"), str):
                yield item["ParameterKey"]
            elif isinstance(item, str) and (match := _ASSIGNMENT.match(item)):
                yield match[1]
    elif isinstance(data, dict) and "Resources" not in data:
        inner = data.get("Parameters")
        if isinstance(inner, dict):
            yield from inner
        elif is_called_so:
            yield from data


def _sam(file: Path, data: dict[str, Any]) -> Iterator[ParameterFile]:
    """A file per environment and command: [ENVIRONMENT.COMMAND.parameters] parameter_overrides, a text or a list."""
    for environment in data.values():
        for command in environment.values() if isinstance(environment, dict) else ():
            values = command.get("parameters") if isinstance(command, dict) else None
            passed = values.get("parameter_overrides") if isinstance(values, dict) else None
            texts = passed if isinstance(passed, list) else [passed]
            names = frozenset(name for text in texts if isinstance(text, str) for name in _ASSIGNMENT.findall(text))
            if names and values:
                template = values.get("template_file", values.get("template", ""))
                place = (file.parent / template).as_posix() if isinstance(template, str) and template else ""
                yield ParameterFile(file.as_posix(), names, os.path.normpath(place) if place else "")


def _named_after(file: Path, templates: list[str]) -> str:
    """The template with the longest name that is a prefix of the file's name; "" if there is none."""
    fitting = [path for path in templates if re.match(re.escape(Path(path).stem) + r"[._-]", file.name)]
    return max(fitting, key=lambda path: len(Path(path).stem), default="")
