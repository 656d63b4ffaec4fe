"""Settings: what can be set in the environment or by an option, with its default."""

from onrecord.settings.settings import Settings, new_token

__all__ = ["Settings", "new_token"]
