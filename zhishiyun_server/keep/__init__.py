"""What is kept: the database, the evidence folder, the keys."""
