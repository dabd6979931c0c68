"""The exam server: plans, rosters, papers, evidence and receipts."""
