"""A parameter whose value is copied by hand from another stack of the project.

Why it fails:
Somebody must read the value from one stack and pass it to the next, in every environment, and again whenever it
changes. Sooner or later, somebody passes a wrong value, and nothing checks it.

What the fix does:
The consumer reads the value from the stack of the producer, and the parameter for the value is removed. A new parameter
(such as PrimaryStackName) gives the name of that stack. In the same Region, the fix uses Fn::ImportValue, and adds an
Export to the producer's Output if it is missing. From another Region, it uses Fn::GetStackOutput, because
Fn::ImportValue cannot read from another Region, even if a review suggests it.

An equal name is not enough. Exactly one template must have an Output of that name and of a kind that the parameter and
its uses accept, and something must show that it is the same value: the Description of the parameter, an existing
Export, other values that the template reads from that stack, or the use (the global cluster that a cluster joins, the
endpoint behind a failover record; the fix adds these Outputs if they are missing). Otherwise, the parameter is only
reported. A Default, AllowedValues, an AllowedPattern that does not match, another account or another Region is evidence
against it. Templates that declare mostly the same logical ids are versions of one stack: they are never joined.
`strategy` set to import or stack-output states that equal names mean equal values, and overrides the choice. Set to
parameter, it leaves everything unchanged.

What to review:
An update that still passes the old parameter fails: pass the name of the stack instead. An exported value cannot change
while another stack imports it. Fn::GetStackOutput is a weak reference: it needs cloudformation:DescribeStacks, and the
consumer gets the values of a recreated producer only with its next update. It cannot be used in Conditions, Export
names or Fn::Split, so a parameter that is used there is not changed.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context, Option
from fixer.authoring.cross_stack import portable, stack_name_parameter
from fixer.authoring.naming import Convention
from fixer.authoring.replace_parameters import rewire
from fixer.cloudformation.intrinsics import is_true, mapping
from fixer.cloudformation.regions import unknown_region
from fixer.cloudformation.template import Template
from fixer.model import Finding, Json, Op, Patch, Tier
from fixer.transforms.cross_stack.evidence import evidence_against, evidence_for
from fixer.transforms.cross_stack.value_source import ValueSource, source_of
from fixer.transforms.transform import Told, Transform

_ELSEWHERE = ("Fn::Split", "Fn::ImportValue", "Fn::GetStackOutput", "Fn::Transform", "Export")
_IMPORT, _OUTPUT = "import", "stack-output"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each parameter whose value another template of the project has."""
    if ctx.option("strategy") == "parameter" or any(ctx.project.parents(template)):
        return
    for name, declared in template.section("Parameters").items():
        if _is_scalar(mapping(declared)) and (source := source_of(ctx.project, template, name)) is not None:
            message = f"{name} is passed by hand, and {_claim(template, name, source, ctx)}"
            yield ctx.finding(template, pointer.join("Parameters", name), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Reads the value from the producer's stack."""
    name = pointer.split(finding.pointer)[1]
    source = source_of(ctx.project, template, name)
    assert source is not None
    if reason := evidence_against(ctx.project, template, name, source):
        return Patch.none(reason)
    if not evidence_for(ctx.project, template, name, source) and ctx.option("strategy") is None:
        reason = "only the names are the same: state in the Description of the parameter which stack has the value"
        return Patch.needs(reason, ctx.want("strategy", _IMPORT))
    for use in template.references_to(name):
        if barred := next((token for token in pointer.split(use.pointer) if token in _ELSEWHERE), None):
            return Patch.none(f"{name} is used in {barred}, which does not accept a value from another stack")
    known = ctx.project.region(source.producer)
    region = known.value if known else ""
    strategy = _strategy(template, source, ctx)
    if strategy == _OUTPUT and not region:
        return Patch.none(unknown_region(source.producer))
    if strategy == _IMPORT and ctx.project.apart(template, source.producer):
        return Patch.none(f"{source.producer.path} is for another Region, from which Fn::ImportValue cannot read")
    stack, added = stack_name_parameter(ctx.project, source.producer, template)
    output, export, producer_ops = _output(source, strategy)
    if strategy == _IMPORT:
        name_here = portable(export, template, region, stack, source.producer)
        value: Json = {"Fn::ImportValue": name_here}
        if name_here is None:
            return Patch.none(
                f"this template cannot express the name with which {source.producer.path} exports {output}"
            )
    else:
        value = _read(template, output, region, stack, ctx)
    is_new = bool(added) and stack in str(value)
    if stack in str(value) and any(ctx.project.parents(source.producer)):
        return Patch.none(f"{source.producer.path} is a nested stack, whose name CloudFormation generates")
    rewired = rewire(template, {name: value}, more_to_come=is_new)
    if rewired.reason:
        return Patch.none(rewired.reason)
    files: dict[str, tuple[Op, ...]] = {template.path: (*(added if is_new else ()), *rewired.ops)}
    if producer_ops:
        files[source.producer.path] = tuple(producer_ops)
    told = stack if stack in str(value) else ""
    return Patch(files, Tier.REVIEW, None, tuple(_notes(template, source, strategy, told, name, ctx)))


def _claim(template: Template, name: str, source: ValueSource, ctx: Context) -> str:
    what = f"{f'output {source.output}' if source.output else source.resource} of {source.producer.path}"
    if evidence_against(ctx.project, template, name, source):
        return f"{what} has its name, but may be another value"
    evidence = evidence_for(ctx.project, template, name, source)
    return f"{what} is its value: {evidence}" if evidence else f"{what} may be its value"


def _is_scalar(declared: dict[str, Json]) -> bool:
    """Whether the parameter is a single value and not a secret."""
    kind = str(declared.get("Type"))
    return not kind.startswith(("List<", "CommaDelimitedList", "AWS::SSM::")) and not is_true(declared.get("NoEcho"))


def _strategy(template: Template, source: ValueSource, ctx: Context) -> str:
    wanted = ctx.option("strategy")
    if wanted in (_IMPORT, _OUTPUT):
        return wanted
    regions = ctx.project.region(template), ctx.project.region(source.producer)
    if regions[0] and regions[1]:
        return _IMPORT if regions[0].value == regions[1].value else _OUTPUT
    unknown = regions == (None, None) and not ctx.project.apart(template, source.producer)
    return _IMPORT if unknown else _OUTPUT


def _output(source: ValueSource, strategy: str) -> tuple[str, Json, list[Op]]:
    """(output of the producer, name of its export, operations that add the output or the Export if it is missing)."""
    producer = source.producer
    if not source.output:
        name = producer.fresh_id(source.wish, f"{source.wish}Output")
        output = Convention(producer).output(name, source.words, source.value)
        if strategy == _IMPORT and "Export" not in output:
            output["Export"] = {"Name": _export_name(producer, name)}
        export = mapping(output.get("Export")).get("Name")
        return name, export, pointer.add_entry(producer.data, "/Outputs", name, output)
    declared = mapping(producer.section("Outputs").get(source.output))
    if strategy == _IMPORT and "Export" not in declared:
        there = _export_name(producer, source.output)
        place = pointer.join("Outputs", source.output, "Export")
        return source.output, there, pointer.add(place, {"Name": there})
    return source.output, mapping(declared.get("Export")).get("Name"), []


def _export_name(producer: Template, output: str) -> Json:
    """The name of a new export: formed like those of the template, if all of them are one text and the output's name;
    else ${AWS::StackName} and the name.
    """
    forms = set()
    for name, declared in producer.section("Outputs").items():
        export = mapping(mapping(declared).get("Export")).get("Name")
        text = mapping(export).get("Fn::Sub") if isinstance(export, dict) else export
        if export is not None:
            is_formed = isinstance(text, str) and text.endswith(name) and text != name
            forms.add((isinstance(export, dict), str(text).removesuffix(name)) if is_formed else None)
    form = forms.pop() if len(forms) == 1 else None
    is_sub, start = form or (True, "${AWS::StackName}-")
    return {"Fn::Sub": start + output} if is_sub else start + output


def _read(template: Template, output: str, region: str, stack: str, ctx: Context) -> Json:
    value: dict[str, Json] = {"StackName": {"Ref": stack}, "OutputName": output}
    own = ctx.project.region(template)
    if own is None or own.value != region:
        value["Region"] = region
    return {"Fn::GetStackOutput": value}


def _notes(
    template: Template, source: ValueSource, strategy: str, stack: str, name: str, ctx: Context
) -> Iterator[str]:
    instead = f": pass {stack}" if stack else ""
    yield f"Deploy the stack of {source.producer.path} first. An update that still passes {name} fails{instead}."
    if strategy == _OUTPUT:
        yield (
            "The deployment needs cloudformation:DescribeStacks. The values of a recreated producer arrive only with "
            "the next update."
        )
    elif not ctx.project.region(template):
        yield "Both stacks are assumed to be in the same Region, because neither template shows its Region."


TRANSFORM = Transform(
    id="manual-cross-stack-value",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    options=(
        Option(
            "strategy",
            "how the value is read; default: import in the same Region, stack-output from another Region",
            choices=(_IMPORT, _OUTPUT, "parameter"),
        ),
    ),
    told_by=(
        Told(
            title=r"\b(?:manual\w*|hard-?coded|copied|by hand)\b.*\bcross-?stack\b"
            r"|\bcross-?stack\b.*\b(?:manual\w*|hard-?coded|copied|by hand)\b",
            example="Cross-stack values are copied by hand",
            unlike="Cross-stack outputs lack descriptions",
        ),
        Told(
            title=r"\b(?:missing|no|lacks?|without|absent|incomplete|broken)\s+cross-?stack (?:references?"
            r"|imports?|values?)\b|\bcross-?stack (?:references?|imports?|values?)\b.*\b(?:missing|absent"
            r"|broken|not (?:created|defined|implemented|included|exported|used))\b|^(?:no "
            r"|missing )?(?:outputs?|exports?) (?:for|of) cross-?stack (?:use|references?)\W*$",
            example="Missing cross-stack references",
            unlike="Cross-stack reference has a wrong name",
        ),
        Told(
            title=r"\bvalues? (?:copied|passed|handed)\b.*\b(?:stacks?|by hand)\b",
            example="Values passed between stacks by hand",
            unlike="Values passed to the function",
        ),
        Told(
            title=r"\b(?:manual\w*|by hand|copied|copying|copy)\b.*\b(?:between|across|from other"
            r"|from another) (?:the )?(?:\w+ )?stacks?\b|\bstack outputs?\b.*\b(?:by hand|manual\w*)\b",
            example="Stack outputs must be copied by hand",
            unlike="Stack outputs are exported",
        ),
    ),
    changes=(
        "$",
        "-@",
        "+/Parameters/*",
        "+/Outputs/*",
    ),
)
