"""The values that a template resolves to, scenario by scenario, and the differences between two templates.

`resolved_diff` is the entry point: it compares two templates. `scenarios` holds the assumptions about values,
`evaluation` evaluates one template in one scenario, and `resolved_values` defines the resulting values and symbols.
"""
