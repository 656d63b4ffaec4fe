"""Slack: what arrives, what is kept until it is answered, what is sent."""
