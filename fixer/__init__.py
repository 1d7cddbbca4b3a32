"""fixer repairs AWS CloudFormation templates: it finds the failure, patches it losslessly, and proves the repair."""

__version__ = "0.1.0.dev0"
