"""The evidence log: one append-only file an attempt (docs/evidence-log.md)."""
