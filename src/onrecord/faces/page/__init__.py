"""The chat page: its layout, what its buttons do, and what guards it."""
