"""Copies of all that is kept: into another database, into a file, and back."""
