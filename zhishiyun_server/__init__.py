"""The exam server: plans, rosters, papers, evidence and receipts."""

__version__ = "0.1.0"
