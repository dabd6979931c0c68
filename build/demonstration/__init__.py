"""Makes the demonstration content under resources/; run by build/demo_media.py."""
