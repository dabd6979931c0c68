"""Three servers that take the same segments, and candidates who send them at their pace."""
