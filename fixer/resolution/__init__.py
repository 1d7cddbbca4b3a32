"""What a template resolves to, scenario by scenario, and what differs between what two templates resolve to.

`resolved_diff` is the front: it compares two templates. `scenarios` holds the values that parameters may have,
`evaluation` evaluates one template in one scenario, `resolved_values` knows the values and symbols that come of it.
"""
