"""Composition: commands, processes and the wiring of all floors."""
