"""Answers, articles and conversations as HTML. No other module writes a tag."""
