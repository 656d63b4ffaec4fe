"""What the page fetches by address: an article to read, a conversation to keep."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from onrecord.assistant.conversation import Conversation
from onrecord.errors import IndexError_
from onrecord.faces.http.error_responses import JsonResponse, refusal
from onrecord.faces.http.routes import AtDesk
from onrecord.faces.http.visitor import Visitors
from onrecord.render.html.article import article_html
from onrecord.render.html.conversation import conversation_page
from onrecord.render.json import edges
from onrecord.render.markdown import conversation_markdown

router = APIRouter(prefix="/page", include_in_schema=False)


@router.get("/article")
async def article(
    id: Annotated[str, Query(max_length=1_000)],  # noqa: A002  (its name in the address)
    desk: AtDesk,
    start: Annotated[int | None, Query(ge=0)] = None,
    end: Annotated[int | None, Query(ge=0)] = None,
) -> Response:
    """Give an article as HTML, a slice of it marked."""
    found = await desk.run(partial(desk.assistant.article, id))
    first, last = edges(len(found.text), start=start, end=end)
    on_disk = await desk.run(partial(desk.assistant.on_disk, found))
    return HTMLResponse(article_html(found, start=first, end=last, on_disk=on_disk))


@router.get("/state")
async def state(desk: AtDesk) -> Response:
    """Say whether there is an index to answer from; a page without one asks until there is."""

    def ready() -> bool:
        try:
            return bool(desk.assistant.index)
        except IndexError_:
            return False

    return JsonResponse({"ready": await desk.run(ready)})


@router.get("/conversations/{name}")
async def export(name: str, request: Request, desk: AtDesk) -> Response:
    """Give a visitor's conversation as a file, ``ID.md`` or ``ID.html``."""
    visitors: Visitors = request.app.state.visitors
    owner, (ident, _, form) = visitors.owner(request.scope), name.rpartition(".")
    if not owner or form not in ("md", "html"):
        return refusal(404, "not_found", "There is no such file.")
    talk = await desk.run(partial(desk.assistant.conversation, ident, owner=owner))
    text = await desk.run(partial(conversation_markdown if form == "md" else _whole, talk))
    if not text:
        return refusal(404, "not_found", "There is no such conversation.")
    return _file(text, name, "text/markdown; charset=utf-8" if form == "md" else "text/html; charset=utf-8")


def _whole(talk: Conversation) -> str:
    heading = talk.memory.heading(talk.id, owner=talk.owner)
    return conversation_page(heading.title, talk.recalled, created=heading.created) if heading else ""


def _file(text: str, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "replace"), media_type=kind, headers=headers)
