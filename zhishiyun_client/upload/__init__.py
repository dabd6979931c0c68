"""Bringing the evidence log to the server, chunk by chunk."""
