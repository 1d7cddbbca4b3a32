"""cfn-lint's rules, schemas and conditions. The only package that imports cfnlint, and only when it is needed."""
