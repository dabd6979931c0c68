"""Embedded server, demonstration exam and demonstration devices."""
