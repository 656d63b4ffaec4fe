"""Answers written out: as pieces of text, JSON, citations and tables."""
