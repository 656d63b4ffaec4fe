"""One metric per module, each a pure function."""
