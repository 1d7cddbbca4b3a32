"""A failure for which a review shows the faulty fragment and its correction.

Why it fails:
A review of these templates lists this failure. It shows the fragment of the template that is at fault, and how it
should be. The title of the finding is the review's; its note names the document and the line.

What the fix does:
It looks for the faulty fragment in the data of the templates, and makes the difference between the two fragments there.
Keys and items that are gone are removed, new ones are added, changed values are replaced. What neither fragment shows
stays. An ellipsis in a fragment stands for anything and is never written. An entry that has another name in the
corrected fragment is renamed with all references to it. A correction without a faulty fragment is an addition of new
entries whose names are free, and of properties that an entry lacks. If the fragments do not say for certain which place
they mean or what to write, nothing is changed, and the reason says what the review should show.

What to review:
The review is the author of this change, not fixer: fixer proves that the templates become what the review shows and
that cfn-lint reports nothing new, but not that the review is right about AWS. A change that widens access or removes a
protection is unsafe, whatever the review says. If another transform repairs the listed failure, its repair is used,
and a note says where the review shows something else; `--as-reviewed` prefers the review.

References:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from collections.abc import Iterator

from fixer import pointer
from fixer.authoring.context import Context
from fixer.cloudformation.template import Template
from fixer.model import Finding, Patch, Tier
from fixer.model.failures import Failure
from fixer.transforms.review.declaring import declared
from fixer.transforms.review.offers import Offer, offers
from fixer.transforms.transform import Transform

_LONGEST_TITLE = 200


def detect(template: Template, ctx: Context) -> Iterator[Finding]:
    """Yields a finding for each place where a listed failure shows a change that is not made yet."""
    for offer in _offers(template, ctx):
        seen = pointer.get(template.data, offer.place)
        yield Finding(
            ctx.transform_id, template.path, offer.place, _title(offer.failure), seen, _key(template, offer, ctx)
        )


def patch(template: Template, finding: Finding, ctx: Context) -> Patch:
    """Makes the difference between the two fragments, or says why the review does not determine it."""
    offer = next(each for each in _offers(template, ctx) if _key(template, each, ctx) == finding.key)
    if not offer.ops:
        return Patch.none(f"{offer.reason} ({_source(offer.failure)})")
    notes = [f"The review {_source(offer.failure)}, shows this."]
    if offer.count > 1:
        notes.append(f"The fragment of the review occurs at {offer.count} places; this is one of them.")
    notes += [f"{each}." for each in offer.unseen]
    return Patch.of(template.path, offer.ops, Tier.REVIEW, notes, changes=declared(template, offer.ops))


def _offers(template: Template, ctx: Context) -> tuple[Offer, ...]:
    if not ctx.failures:
        return ()
    first = ctx.original or ctx.project
    return offers(
        template.path, ctx.failures, tuple(first.templates.values()), tuple(ctx.project.templates.values()), ctx.handled
    )


def _key(template: Template, offer: Offer, ctx: Context) -> str:
    """The place, and the fragments: several listed failures may concern one place."""
    return f"{ctx.transform_id}:{template.path}:{offer.origin}~{offer.digest}"


def _title(failure: Failure) -> str:
    """The title on one line, without a last full stop."""
    title = " ".join(failure.title.split()).rstrip(". ")
    title = title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 3].rstrip(". ") + " (cut)"
    return title or "the review shows a correction"


def _source(failure: Failure) -> str:
    return f"{failure.path or 'of these templates'}, line {failure.line}"


TRANSFORM = Transform(
    id="as-reviewed",
    doc=__doc__,
    tier=Tier.REVIEW,
    detect=detect,
    patch=patch,
)
