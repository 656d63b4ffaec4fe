"""Checking a draft: each of its quotations against the articles, and how they differ."""
