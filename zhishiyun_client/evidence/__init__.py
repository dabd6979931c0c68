"""Encoding and writing of the evidence log."""
