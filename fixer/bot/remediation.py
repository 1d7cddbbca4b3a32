"""The manners: one branch, one pull request, kept as it should be, and nobody's work overwritten.

A branch is the bot's as long as it is one commit that the bot made (`git.is_ours`); anything else is left alone. What
it offers stands in the body of the pull request, so that a closed one tells what not to offer again. A branch is moved
only from where it was seen, and put back when GitHub then refuses: two runs at once cannot harm each other.
"""

import os
from collections.abc import Callable, Collection
from contextlib import chdir
from dataclasses import dataclass, replace
from pathlib import Path

from fixer.bot import texts as words
from fixer.bot.git import Commit, Git, GitError, Moved, is_ours
from fixer.bot.github import AlreadyThere, Hub, HubError, Pull
from fixer.engine.selection import chosen
from fixer.errors import BadConfig, FixerError
from fixer.model import Outcome, Report
from fixer.report.diff import all_diffs
from fixer.run import commands as run
from fixer.settings import Settings

LEFT_ALONE = "<!-- fixer-bot left {sha} alone -->"


@dataclass(frozen=True)
class Wishes:
    """What the user wants: PATHs below the top of the checkout, where to, and how.

    `base` "" is the default branch; `arguments` are the options that `fixer apply` would take to do the same.
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
"""The settings for the checkout in a folder: its configuration file, and over that what the user gave."""


@dataclass(frozen=True)
class Offer:
    """What one pull request is to hold: its branch, the transform it is for ("": all), the repair, and the files."""

    branch: str
    transform: str
    report: Report
    declined: int

    @property
    def files(self) -> list[str]:
        """The files that are changed, relative to the top of the checkout."""
        return [template.path for template in self.report.templates if template.changed]


class Remediation:
    """One run over one repository. `hub` is None only in a dry run, without a token."""

    def __init__(self, git: Git, hub: Hub | None, wishes: Wishes, settings_of: SettingsOf, say: Say) -> None:
        self._git, self._hub, self._wishes, self._say = git, hub, wishes, say
        self._settings_of = settings_of

    def run(self) -> bool:
        """Does it all; whether something was, or would be, offered. Raises FixerError, and leaves nothing half done."""
        wishes = self._wishes
        base = wishes.base or (self._hub.default_branch if self._hub else self._default_branch())
        heads = self._git.heads(wishes.remote, base, wishes.branch)
        if base not in heads:
            raise BadConfig(f"{wishes.remote} has no branch {base!r}")
        if base == wishes.branch:
            raise BadConfig(f"{base!r} is the branch that the pull request goes to: name another one")
        self._git.fetch(wishes.remote, f"refs/heads/{base}")
        sha = heads[base]
        with self._git.worktree(sha) as tree:
            without_escapes(tree.folder)
            settings = self._settings_of(tree.folder)
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
                # Not `select`: a transform that is selected by its name does more than one that merely runs.
                alone = replace(settings, ignore=(*settings.ignore, *(each for each in names if each != name)))
                offered.append(self._settle(tree, base, sha, branch, name, alone, pulls.get(branch)))
            return any(offered)

    def _default_branch(self) -> str:
        lines = self._git.run("ls-remote", "--symref", self._wishes.remote, "HEAD").splitlines()
        names = [line.split()[1].removeprefix("refs/heads/") for line in lines if line.startswith("ref: ")]
        if not names:
            raise BadConfig("the remote does not tell its default branch: give --base")
        return names[0]

    def _settle(
        self, tree: Git, base: str, sha: str, branch: str, transform: str, settings: Settings, pull: Pull | None
    ) -> bool:
        """Brings one branch and its pull request into the state that the findings ask for."""
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
        """The transforms that find something in the checkout."""
        with chdir(tree.folder):
            report = run.check(_existing(self._wishes.paths), settings)
        return {each.finding.id for each in report.resolutions if each.patches}

    def _tip(self, branch: str) -> Commit | None:
        """The commit at which the branch is now; None if there is no such branch."""
        found = self._git.heads(self._wishes.remote, branch)
        if branch not in found:
            return None
        self._git.fetch(self._wishes.remote, f"refs/heads/{branch}")
        return self._git.commit(found[branch])

    def _offer(self, tree: Git, branch: str, transform: str, settings: Settings) -> Offer:
        """The repair, without what was turned down."""
        closed = self._hub.closed_pulls(branch) if self._hub else []
        marks = [words.mark_in(pull.body) for pull in closed if not pull.merged]
        declined = frozenset[str]().union(*(mark.fixes for mark in marks if mark))
        with chdir(tree.folder):
            report = run.apply(_existing(self._wishes.paths), replace(settings, declined=declined), write=True)
        turned_down = sum(each.reason.startswith("turned down") for each in report.resolutions)
        failed = next((each for each in report.resolutions if each.outcome is Outcome.FAILED and each.order), None)
        if failed:
            raise FixerError(f"{failed.finding.id}: {failed.reason}", failed.finding.path)
        return Offer(branch, transform, report, turned_down)

    def _leave_alone(self, pull: Pull | None, branch: str, tip: Commit) -> None:
        """Somebody else has committed: their work stays as it is, with one comment per state of it."""
        self._say(f"{branch} has commits of somebody else: left alone")
        mark = LEFT_ALONE.format(sha=tip.sha)
        if (
            pull
            and self._hub
            and not self._wishes.dry_run
            and not any(mark in text for text in self._hub.comments(pull))
        ):
            self._hub.comment(
                pull,
                "Somebody has committed to this branch, so that fixer leaves it alone from now on. Merge or close this "
                f"pull request, or delete the branch, and fixer goes on.\n\n{mark}",
            )

    def _withdraw_finished(self, pull: Pull | None, branch: str, tip: Commit | None) -> None:
        """Nothing is left to repair: the pull request is closed, without turning anything down, the branch removed."""
        self._say(f"nothing to repair{f' on {branch}' if self._wishes.per_transform else ''}")
        if not self._hub or self._wishes.dry_run or tip is None:
            return
        if pull:
            self._hub.edit(pull, body=_unmarked(pull.body), state="closed")
            self._hub.comment(
                pull, "Nothing is left to repair: what this pull request offered is done, or was turned down."
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
                self._say(f"{error.message}: it is left to them")
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
        """The branch as it was before this run; if not even that can be done, the error says so."""
        try:
            if before:
                self._git.push(self._wishes.remote, branch, before, head)
            else:
                self._git.drop(self._wishes.remote, branch, head)
        except Moved:
            return
        except GitError as failed:
            raise HubError(f"{error.message}; and {branch} could not be put back: {failed.message}") from error

    def _tell(self, tree: Git, base: str, offer: Offer, tip: Commit | None, pull: Pull | None) -> None:
        """What a run would do."""
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
    """The paths as arguments in the checkout; the whole of it for none."""
    return list(paths) or ["."]


def _unmarked(body: str) -> str:
    """A body that no longer offers anything."""
    mark = words.mark_in(body)
    return body.replace(str(mark), str(words.Mark(frozenset()))) if mark else body


def without_escapes(folder: Path) -> None:
    """Takes symbolic links that lead out of the checkout, and those that lead nowhere, out of the temporary folder."""
    top = os.path.realpath(folder)
    for parent, folders, files in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in (*folders, *files):
            place = os.path.join(parent, name)
            if os.path.islink(place) and not os.path.realpath(place).startswith(top + os.sep):
                os.unlink(place)
