"""Resources that depend on each other in a circle, or a resource that depends on itself.

Why it fails:
Each resource of the circle needs another one to be created first, so CloudFormation rejects the template. The most
common cases are security groups with rules that name each other or themselves, a role whose inline policy names a
resource that needs the role, and a bucket with notifications for a function that may read the bucket.

What the fix does:
It makes the first of these changes that breaks the circle:

- The ARN or name of a bucket, function, queue, topic or trail with a stated name becomes text, where it need not exist
  yet: in the SourceArn of a Lambda permission, in the resources and conditions of policies, and in the environment of
  a Lambda function. A Lambda permission for a bucket gets SourceAccount, because the text does not say who owns it.
  The bucket then waits for the permissions of its notifications, because S3 checks them when it creates the bucket.
- A DependsOn is removed if it is the only one that closes the circle. A DependsOn of a policy or permission stays,
  because the resource may not work without it: CloudTrail, for example, checks the policy of its bucket.
- Ingress rules of a security group that name a resource of the circle become AWS::EC2::SecurityGroupIngress, and
  egress rules AWS::EC2::SecurityGroupEgress. A group that loses its last egress rule gets the rule for 127.0.0.1/32
  that AWS documents for this, because a group without egress rules would allow traffic to everywhere.
- Policies of a role that name a resource of the circle become AWS::IAM::Policy.

Any other circle is only reported.

What to review:
The rules and permissions are the same, but they may exist earlier or later than the resources that they name. Code that
runs during the deployment, such as that of a custom resource, may run too early. A name that is written as text must
follow later changes of the resource's name.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.transforms.resources.circle_moves import with_moved_items
from fixer.transforms.resources.circle_names import with_written_names
from fixer.transforms.resources.circle_orders import without_depends_on
from fixer.transforms.resources.circles import circle_of
from fixer.transforms.transform import Told, Transform


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each circle, at the first resource that cfn-lint reports."""
    done: set[str] = set()
    for match, place in ctx.reported(template):
        name = pointer.split(place)[-1]
        if name in template.resources and name not in done:
            members = circle_of(template, name)
            done |= {name, *members}
            several = f"{', '.join(members)} depend on each other in a circle"
            message = several if len(members) > 1 else f"{name} depends on itself"
            yield ctx.finding(template, place, message, match)


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Makes the first change that breaks the circle."""
    members = circle_of(template, pointer.split(finding.pointer)[-1])
    refused = None
    # A DependsOn comes before the moves, which add resources.
    for broken in (with_written_names, without_depends_on, with_moved_items):
        made = broken(template, members)
        if made is not None and made.files:
            return made
        refused = refused or made
    return refused or Patch.none("it is not known which of the references in the circle can be removed")


TRANSFORM = Transform(
    id="circular-dependency",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
    rules=("E3004",),
    told_by=(
        Told(
            title=r"\bcircular(?:ity)?\b(?! (?:logic|imports?|reasoning))"
            r"|\bcyclic(?:al)?\b|\bdependency (?:cycles?|loops?)\b",
            example="Circular dependency of security groups",
            unlike="Missing dependency of the route",
        ),
        Told(
            title=r"\b(?:dependenc(?:y|ies)|security groups?|references?|deployment|validation)\b",
            body=r"\bcircular dependency between (?:the )?resources\b|\bE3004\b|\bcreat(?:es|ed"
            r"|ing) a circular dependency\b",
            example="Security group dependency\nThe rules created a circular dependency.",
            unlike="Security group dependency\nThe group must exist first.",
            ambiguous=True,
        ),
        Told(
            title=r"\S",
            body=r"\bcircular dependency between (?:the )?(?:following )?resources\b",
            example="Stack creation fails\nCircular dependency between resources: [A, B].",
            unlike="Stack creation fails\nThe order avoids a circle.",
            ambiguous=True,
        ),
        Told(
            title=r"\bdepends on itself\b|\bself-?referenc\w+ (?:resources?|dependenc\w+)\b|\bself-?dependenc\w+\b",
            example="Resource depends on itself",
            unlike="Stack depends on another stack",
        ),
    ),
)
