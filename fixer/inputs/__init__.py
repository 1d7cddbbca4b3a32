"""What a run reads: paths, settings, requirements, failure lists, parameter files, baselines."""
