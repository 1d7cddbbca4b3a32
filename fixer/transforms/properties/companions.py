"""What a property repair needs besides its value: a key, a log group, a bucket for logs, a role. Pure."""

from collections.abc import Callable

from fixer.authoring.context import Context
from fixer.cloudformation.template import Resource, Template
from fixer.transforms.properties import dead_letters, logs
from fixer.transforms.properties.companion import Companion
from fixer.transforms.properties.key import key_for

_USES: dict[str, Callable[[Template, Resource, str, Context], Companion]] = {
    "key": key_for,
    "log-group": logs.group_for,
    "log-bucket": logs.bucket_for,
    "dead-letters": dead_letters.queue_for,
}


def companion(use: str, template: Template, resource: Resource, ctx: Context) -> Companion:
    """The value that an entry's `use` (`KIND` or `KIND:DETAIL`) gives, with what must be created or changed for it."""
    kind, _, detail = use.partition(":")
    return _USES[kind](template, resource, detail, ctx)


def is_exempt(use: str, template: Template, resource: Resource) -> bool:
    """Whether the resource itself is what other resources need for the same purpose: a bucket of access logs."""
    return use == "log-bucket:s3" and logs.receives_access_logs(template, resource)


KINDS = tuple(_USES)
"""The kinds of companions that the table can name."""
