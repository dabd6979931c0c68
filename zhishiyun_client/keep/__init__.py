"""What an attempt keeps on disk between two starts."""
