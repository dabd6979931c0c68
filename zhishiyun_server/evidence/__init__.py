"""Evidence as it arrives, is checked, sealed and exported."""
