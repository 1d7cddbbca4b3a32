"""A faster descent through cfn-lint's schemas, with the same matches.

At each step of the descent cfn-lint makes changed copies of its validator, context and path through the machinery of
dataclasses, and asks for the scenarios of conditions of each value, also where a value holds neither a function nor a
condition. That is more than half of the time of a lint. The subclasses here copy the attributes and see such values at
once; apart from that they answer as their bases do. They enter through one rule, E1001, which is replaced by a subclass
of it; nothing of cfn-lint is patched.

They depend on how cfn-lint works inside. Therefore they are used only with the versions on which they gave the same
matches as the plain linter (`VERSIONS`), and `tests/aws/test_fast_lint.py` compares the two.
"""

# cfn-lint's classes have no types that mypy reads.
# mypy: disable-error-code="misc, no-any-return"

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from cfnlint.context import Context, Path
from cfnlint.decode.node import dict_node, list_node
from cfnlint.helpers import FUNCTIONS, PSEUDOPARAMS, ToPy
from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.jsonschema._filter import FunctionFilter
from cfnlint.jsonschema._utils import Unset
from cfnlint.jsonschema.exceptions import UndefinedTypeCheck, UnknownType
from cfnlint.rules.jsonschema.CfnLint import CfnLint
from cfnlint.rules.jsonschema.JsonSchema import JsonSchema

VERSIONS = ("1.58.0",)
"""The versions of cfn-lint on which the matches were compared."""

_BRANCHING = frozenset({"Fn::If", "Ref"})


def quickened(rules: Any, version: str) -> Any:
    """cfn-lint's rules with the fast descent, if this version was compared; otherwise the rules as they are."""
    if version not in VERSIONS:
        return rules
    fast = {rule.id: rule for rule in (FastTemplateRule(), FastKeywordRule())}
    return type(rules)({each: fast.get(each, rule) for each, rule in rules.items()})


def _copy(original: Any, changes: Mapping[str, Any]) -> Any:
    """A copy with changed attributes, as `dataclasses.replace` makes it, but for checks that cannot fail here."""
    copy = object.__new__(original.__class__)
    copy.__dict__.update(original.__dict__)
    copy.__dict__.update(changes)
    return copy


class FastPath(Path):
    """The place in the template that is looked at."""

    def descend(self, **kwargs: Any) -> "FastPath":
        """A path that is longer by the given steps; a step that is None changes nothing."""
        step = kwargs.get("cfn_path")
        if step is not None and (isinstance(step, int) or step in FUNCTIONS):
            return super().descend(**kwargs)  # raises what cfn-lint raises
        values = self.__dict__
        return _copy(self, {k: values[k] + deque((v,)) for k, v in kwargs.items() if v is not None})

    def evolve(self, **kwargs: Any) -> "FastPath":
        """A path with other values."""
        return _copy(self, kwargs)


class FastContext(Context):
    """What is known at a place: region, conditions, values of parameters."""

    def evolve(self, **kwargs: Any) -> "FastContext":
        """A context with other values; `ref_values` are added to those that are known."""
        if "ref_values" in kwargs:
            kwargs["ref_values"] = {**self.ref_values, **kwargs["ref_values"]}
        copy = _copy(self, kwargs)
        if "resources" in kwargs:
            copy.__dict__.pop("module_names", None)  # cached, and computed from the resources
        return copy

    @classmethod
    def of(cls, context: Context) -> "FastContext":
        """The same context, whose copies are fast."""
        path = object.__new__(FastPath)
        path.__dict__.update(context.path.__dict__)
        fast = object.__new__(cls)
        fast.__dict__.update(context.__dict__, path=path)
        return fast


class FastFilter(FunctionFilter):
    """Decides which part of a schema applies to which form of a value."""

    def filter(self, validator: Any, instance: Any, schema: Any) -> Iterator[tuple[Any, Any, Any]]:
        """The forms of the value, each with its schema and validator."""
        if isinstance(instance, str):
            if "{{" in instance or instance in PSEUDOPARAMS or "cfnContext" in schema:
                yield from super().filter(validator, instance, schema)
                return
        elif "cfnContext" in schema:
            yield instance, schema, validator
            return
        if not validator.context.functions:
            yield instance, schema, validator
            return
        standard, group = self._filter_schemas(schema, validator)
        if group:
            if _is_plain(instance):
                yield instance, group, validator
            else:
                yield from self._scenarios(validator, instance, group)
        if isinstance(instance, dict) and len(instance) == 1:
            for key in instance:
                if key in validator.context.functions:
                    standard = {ToPy(key).py: standard}
        yield instance, standard, validator

    def _scenarios(self, validator: Any, instance: Any, group: Any) -> Iterator[tuple[Any, Any, Any]]:
        context = validator.context
        for form, scenario in context.conditions.evolve_from_instance(instance, context=context):
            if form is not None:
                yield form, group, validator.evolve(context=context.evolve(conditions=scenario))

    def evolve(self, **kwargs: Any) -> "FastFilter":
        """A filter with other values."""
        return _copy(self, kwargs)


def _is_plain(instance: Any) -> bool:
    """Whether the value has one form: no function, no condition and no null directly inside decides what it holds."""
    kind = type(instance)
    if kind is dict_node:
        if len(instance) == 1 and next(iter(instance)) in _BRANCHING:
            return False
        return all(_is_plain_item(each) for each in instance.values())
    if kind is list_node:
        return all(_is_plain_item(each) for each in instance)
    return not isinstance(instance, (dict, list))


def _is_plain_item(item: Any) -> bool:
    if item is None:
        return False
    if isinstance(item, dict):
        return len(item) != 1 or next(iter(item)) not in _BRANCHING
    if isinstance(item, list):
        return type(item) is list_node and all(map(_is_plain_item, item))
    return True


class FastValidator(CfnTemplateValidator):
    """Validates a value against a schema."""

    def is_type(self, instance: Any, type: str) -> bool:
        """Whether the value is of a type of JSON Schema. Raises UnknownType."""
        checker = self._type_checker
        try:
            check = checker.type_checkers[type]
        except KeyError:
            raise UnknownType(type, instance, self.schema) from UndefinedTypeCheck(type)
        return bool(check(checker, instance))

    def evolve(self, **kwargs: Any) -> "FastValidator":
        """A validator with other values."""
        copy: FastValidator = _copy(self, kwargs)
        return copy

    def extend(self, validators: Any = None, function_filter: Any = None, fn_resolvers: Any = None) -> Any:
        """A maker of validators: it takes a schema, and its validators know the given keywords too."""
        changes: dict[str, Any] = {"validators": {**self.validators, **(validators or {})}}
        changes["fn_resolvers"] = {**self.fn_resolvers, **(fn_resolvers or {})}
        changes["function_filter"] = self.function_filter if function_filter is None else function_filter

        def make(schema: Any = True, **kwargs: Any) -> "FastValidator":
            return self.evolve(**{**changes, "schema": schema, **kwargs})

        return make


class FastTemplateRule(JsonSchema):
    """cfn-lint's E1001, from which the descent into a template begins."""

    def match(self, cfn: Any) -> Any:
        """The matches of this rule and of all rules below it."""
        validator = FastValidator({}, function_filter=FastFilter()).evolve(cfn=cfn)
        context = FastContext.of(cfn.context)
        fast = self.extend_validator(validator=validator, schema=self.schema, context=context)
        return list(self.json_schema_validate(fast, cfn.template, []))


class FastKeywordRule(CfnLint):
    """cfn-lint's E1101, which hands a place of the template to the rules that ask for it."""

    def initialize(self, cfn: Any) -> None:
        """Prepares for another template, for which other rules may be linked to this one."""
        super().initialize(cfn)
        self._by_keyword: dict[str, list[Any]] = {}

    def cfnLint(self, validator: Any, keywords: Any, instance: Any, schema: Any) -> Iterator[Any]:  # noqa: N802
        """The errors that the rules find which ask for one of the keywords."""
        plain = validator.evolve(function_filter=validator.function_filter.evolve(add_cfn_lint_keyword=False))
        for keyword in keywords:
            for rule in self._rules_for(keyword):
                for error in rule.validate(plain, keyword, instance, schema):
                    if error.rule is None and isinstance(error.validator, Unset):
                        error.rule = rule
                    yield error

    def _rules_for(self, keyword: str) -> list[Any]:
        if not self._by_keyword:
            for rule in self.child_rules.values():
                if rule is not None and rule.id:
                    for each in rule.keywords:
                        self._by_keyword.setdefault(each, []).append(rule)
        return self._by_keyword.get(keyword, [])
