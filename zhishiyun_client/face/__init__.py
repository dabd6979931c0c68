"""Comparing the face at the camera with the reference photo."""
