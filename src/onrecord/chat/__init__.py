"""Talking with a chat model: providers and their errors, prompts, the stream of its claims, their support."""
