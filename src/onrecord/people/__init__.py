"""Names of people and bodies: which of them are one, what their roles are, who signed an article."""
