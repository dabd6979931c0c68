"""Checks of the machine before an exam."""
