"""The steps of the exam, one file a phase."""
