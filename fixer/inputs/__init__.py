"""The inputs of a run: paths, settings, requirements, failure lists, parameter files, baselines."""
