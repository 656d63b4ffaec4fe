"""What was tried against a server that is really started, and what must come back."""
