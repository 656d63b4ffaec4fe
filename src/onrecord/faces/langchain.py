"""onrecord as a LangChain retriever, for chains and agents that already speak that interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from onrecord.answer.chain import Chain, Step
from onrecord.assistant.assistant import Assistant
from onrecord.render.json import hit_dict
from onrecord.settings import Settings
from onrecord.types import NARROWING, Hit

_NOT_METADATA = ("text", "why")


class OnrecordRetriever(BaseRetriever):
    """Finds passages; each comes as a document whose content is the exact slice of its article.

    Metadata says where the slice stands: ``article_id``, ``file``, ``title``, ``outlet``,
    ``published``, ``start``, ``end`` (code points), ``sha256`` (of the article), ``score``, ``rank`` and
    ``on_disk`` (``same``, ``changed`` or ``unknown``). What is not known is None.

    Attributes:
        assistant: Searches.
        k: How many passages, at most.
        since: First day (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``).
        until: Last day, the same forms.
        outlet: One or more outlets to stay within.
        article: One or more articles (id or file) to stay within.
        speaker: One or more people whose words a passage has to hold.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    assistant: Assistant = Field(exclude=True, repr=False)
    k: int = Field(4, ge=1)
    since: str | None = None
    until: str | None = None
    outlet: str | Sequence[str] | None = None
    article: str | Sequence[str] | None = None
    speaker: str | Sequence[str] | None = None

    @classmethod
    def open(cls, settings: Settings | None = None, **fields: Any) -> OnrecordRetriever:
        """Open an index."""
        return cls(assistant=Assistant.open(settings), **fields)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - part of the interface
    ) -> list[Document]:
        narrowed: dict[str, Any] = {name: getattr(self, name) for name in NARROWING}
        hits = self.assistant.search(query, limit=self.k, **narrowed)
        return [self._document(hit) for hit in hits]

    def _document(self, hit: Hit) -> Document:
        record = hit_dict(hit, self.assistant.article(hit.passage.article_id))
        return Document(
            id=hit.passage.id,
            page_content=hit.text,
            metadata={name: value for name, value in record.items() if name not in _NOT_METADATA},
        )


def build_chain(settings: Settings | None = None, *, model: Any = None, **replaced: Step) -> Chain:
    """Open the index and build the chain."""
    from onrecord.assistant.assistant import Assistant

    return Assistant.open(settings, model=model).chain(**replaced)
