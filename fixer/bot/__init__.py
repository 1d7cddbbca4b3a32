"""The bot: findings become a pull request that is kept up to date.

`command` begins, `remediation` holds the manners, `git` runs the git command, `hub` speaks to GitHub (PyGithub, the
extra `bot`), `words` writes titles and bodies, `suggestions` comments on a pull request of somebody else. Nothing here
is imported until `fixer pr` runs.
"""
