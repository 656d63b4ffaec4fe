"""Options that are declared once: in the signature one by one, in the call together."""

from __future__ import annotations

import inspect
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Annotated, get_type_hints

import anyio
import pytest
from pydantic import BaseModel

from onrecord.faces.cli.options import SearchFilters
from onrecord.faces.http.schemas import AskBody, HitPayload, Narrowed, SearchBody
from onrecord.faces.langchain import OnrecordRetriever
from onrecord.faces.mcp import create_mcp
from onrecord.faces.page.view import View
from onrecord.faces.spread import spread
from onrecord.render.json import hit_dict
from onrecord.types import NARROWING, Article, Hit, OnDisk, Passage, read_filters


@dataclass(frozen=True)
class Tides:
    high: Annotated[str, "when"] = "noon"
    low: Annotated[int, "how low"] = 3


class Winds(BaseModel):
    force: Annotated[int, "Beaufort"] = 4


@spread("tides", "winds")
def sailed(ship: str, *, tides: Tides, winds: Winds, crew: int = 2) -> tuple[str, Tides, Winds, int]:
    return ship, tides, winds, crew


def test_fields_stand_in_the_signature_where_the_parameter_stood():
    shown = inspect.signature(sailed)
    assert list(shown.parameters) == ["ship", "high", "low", "force", "crew"]
    assert [one.default for one in shown.parameters.values()][1:] == ["noon", 3, 4, 2]
    hints = get_type_hints(sailed, include_extras=True)
    assert hints["high"] == Annotated[str, "when"]
    assert hints["force"] == Annotated[int, "Beaufort"]
    assert {name: one.annotation for name, one in shown.parameters.items()} == {
        name: hint for name, hint in hints.items() if name != "return"
    }
    assert sailed.__name__ == "sailed"


def test_a_call_gets_the_classes_made_of_what_is_given():
    assert sailed("Gull") == ("Gull", Tides(), Winds(), 2)
    assert sailed("Gull", low=1, force=7, crew=3) == ("Gull", Tides(low=1), Winds(force=7), 3)
    with pytest.raises(TypeError):
        sailed("Gull", tide=1)


def test_what_is_awaited_stays_so():
    @spread("tides")
    async def waited(*, tides: Tides) -> Tides:
        return tides

    assert inspect.iscoroutinefunction(waited)
    assert anyio.run(partial(waited, high="six")) == Tides(high="six")


def test_two_classes_with_the_same_field_are_refused():
    with pytest.raises(ValueError, match="duplicate"):

        @spread("tides", "more")
        def twice(*, tides: Tides, more: Tides) -> None:
            del tides, more


# What a search is narrowed by, as every face calls it


def test_every_face_takes_the_same_filters():
    tools = {tool.name: tool.parameters["properties"] for tool in create_mcp(None)._tool_manager.list_tools()}
    faces = {
        "library": set(inspect.signature(read_filters).parameters),
        "terminal": {each.name for each in fields(SearchFilters)},
        "http": set(Narrowed.model_fields),
        "http ask": set(AskBody.model_fields) - {"question", "history", "conversation", "reference"},
        "http search": set(SearchBody.model_fields) - {"query", "limit"},
        "mcp ask": set(tools["ask"]) - {"question", "history"},
        "mcp search": set(tools["search"]) - {"query", "limit"},
        "langchain": {name for name in OnrecordRetriever.model_fields if name in NARROWING},
        "page": {each.name for each in fields(View)} - {"conversation"},
    }
    assert {face: names for face, names in faces.items() if names != set(NARROWING)} == {}


def test_what_each_face_was_given_is_what_the_library_takes():
    given = {"since": "2021", "until": None, "outlet": ["The Courier"], "article": None, "speaker": None}
    narrowed = {name: value for name, value in given.items() if value}
    assert asdict(SearchFilters(**given)) == given
    assert Narrowed(**narrowed).filters == SearchBody(query="x", limit=3, **narrowed).filters == given
    assert View(since="2021", outlet=("The Courier",)).filters == {
        "since": "2021",
        "outlet": ("The Courier",),
    }


# A passage that was found


def test_a_hit_is_one_record_whoever_asks():
    article = Article("a", "a.txt", "T", "We sail at dawn.", "0" * 64)
    hit = Hit(Passage("a:0", "a", 3, 7), "sail", score=0.5, rank=1, on_disk=OnDisk.CHANGED)
    record = hit_dict(hit, article)
    assert set(record) == set(HitPayload.model_fields)
    assert HitPayload(**record).model_dump(mode="json") == record

    class Held:
        def article(self, ident: str) -> Article:
            assert ident == "a"
            return article

    document = OnrecordRetriever.model_construct(assistant=Held())._document(hit)
    assert {**document.metadata, "text": document.page_content, "why": {}} == record
