"""Workers, processes, paths, settings and logs: what every machine stands on."""
