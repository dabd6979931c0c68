"""Phases, plans, clocks and rules of an exam as pure values."""
