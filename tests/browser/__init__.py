"""The chat page in a real browser: used, looked at by axe-core, attacked, timed."""
