"""Full screen, displays, processes and focus during the exam."""
