"""The steps of the lock, one subject a file (docs/lockdown.md)."""
