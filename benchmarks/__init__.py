"""Benchmarks: our programs against a plain tool that does the same work."""
