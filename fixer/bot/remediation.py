"""Keeps the pull request: one branch, one pull request, always up to date, and no work of others overwritten.

A branch belongs to the bot while it consists of one commit that the bot made (`git.is_ours`); any other branch is left
alone. The body of the pull request lists the offered repairs, so that a closed one shows what not to offer again. A
branch is moved only from its expected commit, and restored if GitHub then refuses, so that two simultaneous runs cannot
harm each other.
"""

from collections.abc import Callable, Collection
from contextlib import chdir
from dataclasses import dataclass, replace
from pathlib import Path

from fixer.bot import texts as words
from fixer.bot.checkout import confined, without_escapes
from fixer.bot.git import Commit, Git, GitError, Moved, is_ours
from fixer.bot.github import AlreadyThere, Hub, HubError, Pull
from fixer.bot.worktrees import worktree
from fixer.engine.selection import chosen
from fixer.errors import BadConfig, FixerError
from fixer.model import Outcome, Report
from fixer.report.diff import all_diffs
from fixer.run import commands as run
from fixer.settings import Settings

LEFT_ALONE = "<!-- fixer-bot left {sha} alone -->"


@dataclass(frozen=True)
class Wishes:
    """The options of the user: PATHs below the top of the checkout, the target, and how to publish.

    `base` "" is the default branch; `arguments` are the options with which `fixer apply` would do the same.
    """

    paths: tuple[str, ...]
    remote: str = "origin"
    base: str = ""
    branch: str = "fixer/remediation"
    per_transform: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    draft: bool = False
    dry_run: bool = False
    arguments: tuple[str, ...] = ()


Say = Callable[[str], None]
SettingsOf = Callable[[Path], Settings]
"""The settings for the checkout in a folder: its configuration file, overridden by the options of the user."""


@dataclass(frozen=True)
class Offer:
    """The content of one pull request: its branch, its transform ("": all), the repair, and the number of declined
    fixes.
    """

    branch: str
    transform: str
    report: Report
    declined: int

    @property
    def files(self) -> list[str]:
        """The changed files, relative to the top of the checkout."""
        return [template.path for template in self.report.templates if template.changed]


class Remediation:
    """One run over one repository. `hub` is None only in a dry run, without a token."""

    def __init__(self, git: Git, hub: Hub | None, wishes: Wishes, settings_of: SettingsOf, say: Say) -> None:
        self._git, self._hub, self._wishes, self._say = git, hub, wishes, say
        self._settings_of = settings_of

    def run(self) -> bool:
        """Does the whole run; returns whether a repair was, or would be, offered. Raises FixerError and leaves nothing
        half done.
        """
        wishes = self._wishes
        base = wishes.base or (self._hub.default_branch if self._hub else self._default_branch())
        heads = self._git.heads(wishes.remote, base, wishes.branch)
        if base not in heads:
            raise BadConfig(f"{wishes.remote} does not have a branch {base!r}")
        if base == wishes.branch:
            raise BadConfig(f"{base!r} is the base of the pull request: choose another --branch")
        self._check_place()
        self._git.fetch(wishes.remote, f"refs/heads/{base}")
        sha = heads[base]
        with worktree(self._git, sha) as tree:
            without_escapes(tree.folder)
            settings = confined(self._settings_of(tree.folder), tree.folder)
            pulls = {pull.branch: pull for pull in self._hub.open_pulls(wishes.branch)} if self._hub else {}
            if not wishes.per_transform:
                return self._settle(tree, base, sha, wishes.branch, "", settings, pulls.get(wishes.branch))
            names = [transform.id for transform in chosen(settings)]
            found = self._found(tree, settings)
            offered = []
            for name in names:
                branch = f"{wishes.branch}-{name}"
                if name not in found and branch not in pulls:
                    continue
                # Not `select`: a transform that is selected by its id runs without its requirement.
                alone = replace(settings, ignore=(*settings.ignore, *(each for each in names if each != name)))
                offered.append(self._settle(tree, base, sha, branch, name, alone, pulls.get(branch)))
            return any(offered)

    def _check_place(self) -> None:
        """Raises BadConfig if the remote has a branch "a" where the bot's is "a/b": git keeps only one of the two."""
        wishes = self._wishes
        parts = wishes.branch.split("/")
        above = ["/".join(parts[:count]) for count in range(1, len(parts))]
        for name in self._git.heads(wishes.remote, *above) if above else ():
            raise BadConfig(
                f"{wishes.remote} has a branch {name!r}, so"
                f" that {wishes.branch!r} cannot exist: choose another --branch"
            )

    def _default_branch(self) -> str:
        lines = self._git.run("ls-remote", "--symref", self._wishes.remote, "HEAD").splitlines()
        names = [line.split()[1].removeprefix("refs/heads/") for line in lines if line.startswith("ref: ")]
        if not names:
            raise BadConfig("the default branch of the remote is not known: use --base")
        return names[0]

    def _settle(
        self, tree: Git, base: str, sha: str, branch: str, transform: str, settings: Settings, pull: Pull | None
    ) -> bool:
        """Brings one branch and its pull request into the state that fits the findings."""
        tree.run("reset", "--quiet", "--hard", sha)
        without_escapes(tree.folder)
        tip = self._tip(branch)
        offer = self._offer(tree, branch, transform, settings)
        if offer.report.errors:
            for error in offer.report.errors:
                self._say(f"fixer: {error}")
        if tip and not is_ours(tip):
            self._leave_alone(pull, branch, tip)
            return False
        if not offer.files and offer.report.errors:
            self._say("not every template could be checked: an open pull request stays as it is")
            return False
        if not offer.files:
            self._withdraw_finished(pull, branch, tip)
            return False
        if self._wishes.dry_run:
            self._tell(tree, base, offer, tip, pull)
            return True
        commit = tree.record(offer.files, words.message(offer.report, transform))
        self._publish(base, offer, commit, tip, pull)
        return True

    def _found(self, tree: Git, settings: Settings) -> set[str]:
        """The transforms with findings in the checkout."""
        with chdir(tree.folder):
            report = run.check(_existing(self._wishes.paths), settings)
        return {each.finding.id for each in report.resolutions if each.patches}

    def _tip(self, branch: str) -> Commit | None:
        """The current commit of the branch; None if there is no such branch."""
        found = self._git.heads(self._wishes.remote, branch)
        if branch not in found:
            return None
        self._git.fetch(self._wishes.remote, f"refs/heads/{branch}")
        return self._git.commit(found[branch])

    def _offer(self, tree: Git, branch: str, transform: str, settings: Settings) -> Offer:
        """The repair, without the declined fixes."""
        closed = self._hub.closed_pulls(branch) if self._hub else []
        marks = [words.mark_in(pull.body) for pull in closed if not pull.merged]
        declined = frozenset[str]().union(*(mark.fixes for mark in marks if mark))
        with chdir(tree.folder):
            report = run.apply(_existing(self._wishes.paths), replace(settings, declined=declined), write=True)
        left_out = sum(each.reason.startswith("declined") for each in report.resolutions)
        failed = next((each for each in report.resolutions if each.outcome is Outcome.FAILED and each.order), None)
        if failed:
            raise FixerError(f"{failed.finding.id}: {failed.reason}", failed.finding.path)
        return Offer(branch, transform, report, left_out)

    def _leave_alone(self, pull: Pull | None, branch: str, tip: Commit) -> None:
        """Leaves a branch with commits of others alone, with one comment for each state of it."""
        self._say(f"{branch} has commits of somebody else: it is left alone")
        mark = LEFT_ALONE.format(sha=tip.sha)
        if (
            pull
            and self._hub
            and not self._wishes.dry_run
            and not any(mark in text for text in self._hub.comments(pull))
        ):
            self._hub.comment(
                pull,
                "Somebody else has committed to this branch, so fixer no longer changes it. To let fixer continue, "
                f"merge or close this pull request, or delete the branch.\n\n{mark}",
            )

    def _withdraw_finished(self, pull: Pull | None, branch: str, tip: Commit | None) -> None:
        """Closes the pull request because nothing is left to repair. No fix counts as declined, and the branch is
        removed.
        """
        self._say(f"nothing to repair{f' on {branch}' if self._wishes.per_transform else ''}")
        if not self._hub or self._wishes.dry_run or tip is None:
            return
        if pull:
            self._hub.edit(pull, body=_unmarked(pull.body), state="closed")
            self._hub.comment(
                pull, "Nothing is left to repair: the repairs in this pull request are done or were declined."
            )
            self._say(f"closed {pull.url}")
        elif any(each.head == tip.sha for each in self._hub.closed_pulls(branch)):
            return
        self._git.drop(self._wishes.remote, branch, tip.sha)

    def _publish(self, base: str, offer: Offer, commit: Commit, tip: Commit | None, pull: Pull | None) -> None:
        assert self._hub is not None
        title = words.title(offer.report, offer.transform)
        body = words.body(offer.report, self._arguments(offer), offer.declined, self._wishes.paths)
        is_there = tip is not None and (tip.tree, tip.parents) == (commit.tree, commit.parents)
        if is_there and pull and words.mark_in(pull.body) == words.mark_in(body):
            self._say(f"nothing new: {pull.url}")
            return
        head, before = (tip or commit).sha, tip.sha if tip else ""
        if not is_there:
            head = commit.sha
            try:
                self._git.push(self._wishes.remote, offer.branch, head, before)
            except Moved as error:
                self._say(f"{error.message}: the branch is left alone")
                return
        try:
            if pull:
                self._hub.edit(pull, title=title, body=body)
                self._say(f"updated {pull.url}")
            else:
                self._open(base, offer.branch, title, body)
        except FixerError as error:
            self._put_back(offer.branch, head, before if not is_there else "", error)
            raise

    def _open(self, base: str, branch: str, title: str, body: str) -> None:
        assert self._hub is not None
        try:
            pull = self._hub.create(base, branch, title, body, self._wishes.draft)
        except AlreadyThere:
            found = [each for each in self._hub.open_pulls(branch) if each.branch == branch]
            if not found:
                raise
            self._hub.edit(found[0], title=title, body=body)
            self._say(f"updated {found[0].url}, which another run opened")
            return
        try:
            self._hub.label(pull, self._wishes.labels)
            self._hub.ask_for_review(pull, self._wishes.reviewers)
        except HubError:
            self._hub.edit(pull, body=_unmarked(body), state="closed")
            raise
        self._say(f"opened {pull.url}")

    def _put_back(self, branch: str, head: str, before: str, error: FixerError) -> None:
        """Restores the branch as it was before this run. If that fails too, the error says so."""
        try:
            if before:
                self._git.push(self._wishes.remote, branch, before, head)
            else:
                self._git.drop(self._wishes.remote, branch, head)
        except Moved:
            return
        except GitError as failed:
            raise HubError(f"{error.message}; and {branch} could not be restored: {failed.message}") from error

    def _tell(self, tree: Git, base: str, offer: Offer, tip: Commit | None, pull: Pull | None) -> None:
        """Prints what a run would do."""
        tree.run("add", "--", *offer.files)
        same = tip is not None and tip.tree == tree.run("write-tree").strip()
        known = "" if self._hub else " (GITHUB_TOKEN is not set: open and closed pull requests are not known)"
        plan = f"update {pull.url}" if pull else f"open a pull request from {offer.branch} to {base}"
        self._say(f"would {'push nothing new, and keep' if same and pull else plan}{known}")
        for name, values in (("labels", self._wishes.labels), ("reviewers", self._wishes.reviewers)):
            if values:
                self._say(f"{name}: {', '.join(values)}")
        self._say(f"\n{words.message(offer.report, offer.transform)}\n")
        self._say("".join(all_diffs(offer.report)))
        self._say(words.body(offer.report, self._arguments(offer), offer.declined, self._wishes.paths))

    def _arguments(self, offer: Offer) -> tuple[str, ...]:
        own = ("--select", offer.transform) if offer.transform else ()
        return (*self._wishes.arguments, *own)


def _existing(paths: Collection[str]) -> list[str]:
    """The paths as arguments in the checkout; the whole checkout if there are none."""
    return list(paths) or ["."]


def _unmarked(body: str) -> str:
    """A body without offered fixes."""
    mark = words.mark_in(body)
    return body.replace(str(mark), str(words.Mark(frozenset()))) if mark else body
