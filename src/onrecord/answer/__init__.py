"""From a question to an answer: the steps, what is quoted, what is refused and why, what is compared."""
