"""Calls to the exam server, its clock and the live channel."""
