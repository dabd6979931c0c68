"""Interfaces through which the flow and the pages know the machines."""
