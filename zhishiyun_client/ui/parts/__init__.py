"""The parts that pages and the window are made of."""
