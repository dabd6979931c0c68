"""What client and server say to each other, and the evidence log: pure values and bytes."""
