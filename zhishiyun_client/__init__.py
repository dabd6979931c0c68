"""The candidate's program: recorder and desk."""

__version__ = "0.1.0"
