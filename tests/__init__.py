"""Tests: one folder for each package, and what all of them show together."""
