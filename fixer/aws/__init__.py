"""cfn-lint's rules, schemas and conditions. Only this package imports cfnlint, when it is needed."""
