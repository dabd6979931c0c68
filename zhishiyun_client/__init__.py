"""The candidate's program: recorder and desk."""
