"""Every error onrecord raises on purpose, in one tree.

::

    OnrecordError
    ├── SettingsError          a setting is unknown, malformed or out of range
    ├── CorpusError            the corpus cannot be read, or holds no article
    ├── QuestionError          the question or a filter cannot be used
    │   └── UnknownArticleError
    ├── ModelError             the embedding model is missing or not the one expected
    ├── ProviderError          the chat model cannot be used, or failed
    │   ├── ProviderMissingError   its package or file is not there
    │   ├── ProviderTimeoutError   deadline or idle time-out
    │   └── ProviderCutError       its output stopped midway, or is in no usable form
    ├── ConversationError      a conversation cannot be found, read or written
    ├── EvaluationError        a question set or a file of results cannot be used
    ├── BusyError              too many questions at once
    ├── SlackError             Slack cannot be reached, or refuses what is sent
    └── IndexError_            anything about the index on disk
        ├── IndexMissingError
        ├── IndexCorruptError
        ├── IndexMismatchError
        ├── IndexSignatureError    a key is set, and the index is not signed with it
        ├── IndexStaleError        what answers was changed or deleted since it was indexed
        ├── IndexLockedError
        └── IndexWriteError    disk full, read-only folder, failed fsync

Each carries one sentence that says what went wrong, one that says what to do
next (``remedy``), and whether trying again can help (``retryable``).
"""

from __future__ import annotations


class OnrecordError(Exception):
    """Base of every error that onrecord raises on purpose.

    Args:
        message: What went wrong, one sentence.
        remedy: What to do next, one sentence; may be empty.
    """

    retryable = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class SettingsError(OnrecordError):
    """A setting is unknown, malformed or out of range."""


class CorpusError(OnrecordError):
    """The corpus cannot be read, or holds no article."""


class QuestionError(OnrecordError):
    """The question, or a filter that came with it, cannot be used."""


class UnknownArticleError(QuestionError):
    """A filter or a command names an article that the index does not hold."""


class ModelError(OnrecordError):
    """The embedding model is missing, damaged or not the one expected."""


class ProviderError(OnrecordError):
    """The chat model cannot be used, or failed: key, quota, refusal, outage, network."""


class ProviderMissingError(ProviderError):
    """The package of the provider, or the file of a local model, is not there."""


class ProviderTimeoutError(ProviderError):
    """The chat model was not done within the deadline, or fell silent."""

    retryable = True


class ProviderCutError(ProviderError):
    """The chat model's output stopped midway, was too long, or is in no usable form."""

    retryable = True


class ConversationError(OnrecordError):
    """A conversation cannot be found, read or written."""


class EvaluationError(OnrecordError):
    """A question set, a file of results or a kept answer cannot be used."""


class BusyError(OnrecordError):
    """More questions are being answered than the settings allow."""

    retryable = True


class SlackError(OnrecordError):
    """Slack cannot be reached, or refuses what is sent.

    Args:
        message: What went wrong, one sentence; holds no token and no address.
        remedy: What to do next.
        code: Slack's own word for it, such as ``channel_not_found``.
    """

    def __init__(self, message: str, *, remedy: str = "", code: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.code = code


class IndexError_(OnrecordError):
    """Something is wrong with the index on disk."""


class IndexMissingError(IndexError_):
    """There is no index at the given place."""


class IndexCorruptError(IndexError_):
    """A file of the index is missing or differs from its manifest."""


class IndexMismatchError(IndexError_):
    """The index was built by another model, schema or library version."""


class IndexSignatureError(IndexError_):
    """A signing key is set, and the index carries no signature or one that this key did not make."""


class IndexStaleError(IndexError_):
    """All that answers stands in files that were changed or deleted since they were indexed."""


class IndexLockedError(IndexError_):
    """Another process is building this index."""

    retryable = True


class IndexWriteError(IndexError_):
    """The index could not be written: disk full, read-only folder or a failed fsync."""

    retryable = True
