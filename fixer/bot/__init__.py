"""The bot: findings become a pull request that is kept up to date.

`command` is the entry point, `remediation` keeps the pull request, `git` runs the git command, `github` calls GitHub
(with PyGithub, the extra `bot`), `texts` writes titles and bodies, and `suggestions` comments on another author's pull
request. This package is imported only when `fixer pr` runs.
"""
