"""A parameter for a value that another stack of the project could hand over itself.

Why it fails:
Somebody has to read the value from one stack and pass it to the next, in every environment, again whenever it changes.
What is passed by hand is passed wrongly one day, and nothing checks it.

What the fix does:
The consumer reads the value from the producer's stack, whose name is its new parameter (PrimaryStackName), and the old
parameter goes. In the same region that is Fn::ImportValue, and the producer's Output gets an Export if it has none;
from another region Fn::GetStackOutput, since Fn::ImportValue cannot cross regions, whatever reviews say. A value is
recognised by an Output of the parameter's name that comes from a resource, or by what it feeds: the global cluster that
a cluster joins, the endpoint behind a failover record. An Output that is missing is added. `strategy` import or
stack-output overrides; parameter leaves everything as it is.

What to review:
Callers that pass the old parameter are refused; they pass the stack's name now. An exported value cannot change while
it is imported. Fn::GetStackOutput is a weak reference: it needs cloudformation:DescribeStacks, and a producer that is
created anew is not noticed before the consumer's next update. It cannot stand in Conditions, Export names or Fn::Split:
a parameter used there is left alone.

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
from fixer.transforms.cross_stack.value_source import ValueSource, source_of
from fixer.transforms.transform import Transform

_ELSEWHERE = ("Fn::Split", "Fn::ImportValue", "Fn::GetStackOutput", "Fn::Transform", "Export")
_IMPORT, _OUTPUT = "import", "stack-output"


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """A finding per parameter whose value another template of the project has."""
    if ctx.option("strategy") == "parameter" or any(ctx.project.parents(template)):
        return
    for name, declared in template.section("Parameters").items():
        if _is_scalar(mapping(declared)) and (source := source_of(ctx.project, template, name)) is not None:
            what = f"output {source.output}" if source.output else source.resource
            message = f"{name} is passed by hand, and {what} of {source.producer.path} is its value"
            yield ctx.finding(template, pointer.join("Parameters", name), message)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """The value read from the producer's stack."""
    name = pointer.split(finding.pointer)[1]
    source = source_of(ctx.project, template, name)
    assert source is not None
    for use in template.references_to(name):
        if barred := next((token for token in pointer.split(use.pointer) if token in _ELSEWHERE), None):
            return Patch.none(f"{name} is used in {barred}, which takes no value from another stack")
    known = ctx.project.region(source.producer)
    region = known.value if known else ""
    strategy = _strategy(template, source, ctx)
    if strategy == _OUTPUT and not region:
        return Patch.none(unknown_region(source.producer))
    stack, added = stack_name_parameter(ctx.project, source.producer, template)
    output, export, producer_ops = _output(source, strategy)
    if strategy == _IMPORT:
        name_here = portable(export, template, region, stack)
        value: Json = {"Fn::ImportValue": name_here}
        if name_here is None:
            return Patch.none(f"the name under which {source.producer.path} exports {output} cannot be said here")
    else:
        value = _read(template, output, region, stack, ctx)
    is_new = bool(added) and stack in str(value)
    rewired = rewire(template, {name: value}, more_to_come=is_new)
    if rewired.reason:
        return Patch.none(rewired.reason)
    files: dict[str, tuple[Op, ...]] = {template.path: (*(added if is_new else ()), *rewired.ops)}
    if producer_ops:
        files[source.producer.path] = tuple(producer_ops)
    told = stack if stack in str(value) else ""
    return Patch(files, Tier.REVIEW, None, tuple(_notes(template, source, strategy, told, name, ctx)))


def _is_scalar(declared: dict[str, Json]) -> bool:
    """Whether the parameter is one plain value that is no secret."""
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
    """(the producer's output, the name it is exported by, the operations that add it, or its Export, where missing)."""
    producer = source.producer
    if not source.output:
        name = producer.fresh_id(source.wish, f"{source.wish}Output")
        output = Convention(producer).output(name, source.words, source.value)
        if strategy == _IMPORT and "Export" not in output:
            output["Export"] = {"Name": _export_name(name)}
        export = mapping(output.get("Export")).get("Name")
        return name, export, pointer.add_entry(producer.data, "/Outputs", name, output)
    declared = mapping(producer.section("Outputs").get(source.output))
    if strategy == _IMPORT and "Export" not in declared:
        there = _export_name(source.output)
        place = pointer.join("Outputs", source.output, "Export")
        return source.output, there, pointer.add(place, {"Name": there})
    return source.output, mapping(declared.get("Export")).get("Name"), []


def _export_name(output: str) -> Json:
    """The name of a new export where the others of the template set no example."""
    return {"Fn::Sub": f"${{AWS::StackName}}-{output}"}


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
    yield f"Deploy the stack of {source.producer.path} first; updates that still pass {name} are refused{instead}."
    if strategy == _OUTPUT:
        yield (
            "Whoever deploys needs cloudformation:DescribeStacks; a producer that is created anew is noticed at the "
            "next update only."
        )
    elif ctx.project.apart(template, source.producer):
        yield "The stacks are in different regions, which Fn::ImportValue cannot cross: this will not deploy."
    elif not ctx.project.region(template):
        yield "Both stacks are taken to be in the same region, as neither template says where it is deployed."


TRANSFORM = Transform(
    id="manual-cross-stack-value",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    options=(
        Option(
            "strategy",
            "how the value is read; default: import in the same region, stack-output from another",
            choices=(_IMPORT, _OUTPUT, "parameter"),
        ),
    ),
    told_by=(
        r"\bcross-?stack\b.*\b(?:references?|values?|outputs?|exports?|imports?)\b",
        r"\b(?:outputs?|exports?)\b.*\bcross-?stack\b",
        r"\bvalues? (?:copied|passed|handed)\b.*\b(?:stacks?|by hand)\b",
    ),
    changes=(
        "$",
        "-@",
        "+/Parameters/*",
        "+/Outputs/*",
    ),
)
