"""One step a phase; the file, the page and the plan's flow entry have the same name."""
