"""Texts for people, read from the catalogues in resources/texts."""
