"""The chat page: Gradio's components, and what happens when they are used."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import gradio as gr
from anyio import to_thread

from onrecord import __version__
from onrecord.assistant.assistant import Assistant
from onrecord.faces.http.visitor import Visitors
from onrecord.faces.page.actions import PageActions
from onrecord.faces.page.filters import Narrowing
from onrecord.faces.page.view import View
from onrecord.render.html.timeline import timeline_figure, timeline_table_html
from onrecord.settings import Settings
from onrecord.types import Answer

_ASSETS = Path(__file__).with_name("assets")
_SANS = ["ui-sans-serif", "system-ui", "sans-serif"]
_MONO = ["ui-monospace", "monospace"]
_LINE = 256
_ON_LOAD = """
document.addEventListener('onrecord', event => trigger(event.detail.name, event.detail.data));
['pick', 'new', 'rename', 'delete', 'rate', 'refresh', 'build', 'leaf'];
"""


def page_options() -> dict[str, Any]:
    """Give what the page needs besides its components, as ``gr.mount_gradio_app`` takes it."""
    plain = gr.themes.Base(font=_SANS, font_mono=_MONO, radius_size="none", spacing_size="md")
    return {
        "theme": plain,
        # As `css` it would be rewritten, each rule narrowed to Gradio's own container.
        "head": f"<style>{(_ASSETS / 'page.css').read_text(encoding='utf-8')}</style>",
        "js": (_ASSETS / "page.js").read_text(encoding="utf-8"),
    }


def build_page(
    assistant: Assistant, settings: Settings, *, visitors: Visitors, local: bool = False
) -> gr.Blocks:
    """Build the page.

    Args:
        assistant: Answers.
        settings: Limits, and where conversations are kept.
        visitors: Knows whose conversations are whose.
        local: Whether only people at this machine reach it.

    Returns:
        The page, to be mounted.
    """
    return _Built(PageActions(assistant, settings, local=local), settings, visitors).blocks


def page_functions(blocks: gr.Blocks) -> tuple[dict[int, int], frozenset[int]]:
    """Say which functions a browser may call.

    Args:
        blocks: The page.

    Returns:
        The number of each, to how many values it takes; and those that take uploaded files.
    """
    called = {number: each for number, each in blocks.fns.items() if each.fn is not None}
    taking = (
        number for number, each in called.items() if any(isinstance(one, gr.File) for one in each.inputs)
    )
    return {number: len(each.inputs) for number, each in called.items()}, frozenset(taking)


class _Built:
    """The page's components, and the functions that Gradio calls."""

    def __init__(self, page: PageActions, settings: Settings, visitors: Visitors) -> None:
        self.page = page
        self.settings = settings
        self.visitors = visitors
        self.blocks = gr.Blocks(title="onrecord", analytics_enabled=False, fill_width=True)
        with self.blocks:
            _html(_HEADER % (_SIGN_OUT if settings.token else ""), elem_id="masthead")
            with gr.Tabs(elem_id="tabs"):
                with gr.Tab("Ask", elem_id="tab-ask"), gr.Row(elem_id="desk"):
                    self._left()
                    self._middle()
                    self._right()
                with gr.Tab("Check a draft", elem_id="tab-draft"):
                    self._draft()
                with gr.Tab("Corpus", elem_id="tab-corpus"):
                    self._corpus()
            self._wire()
        # The assistant says at once that it is full; waiting in Gradio's line, nobody is told.
        self.blocks.queue(default_concurrency_limit=_LINE, max_size=_LINE, api_open=False)

    # --- what is on the page

    def _left(self) -> None:
        with gr.Column(elem_id="left", scale=0, min_width=220):
            self.conversations = gr.HTML(
                elem_id="conversations", js_on_load=_ON_LOAD, apply_default_css=False
            )

    def _middle(self) -> None:
        with gr.Column(elem_id="middle", scale=1, min_width=320):
            self.past = _html(elem_id="past")
            self.current = _html(elem_id="current")
            with gr.Column(elem_id="timeline", visible=False) as self.timeline:
                _html('<h2 class="side">Timeline</h2>')
                self.plot = gr.Plot(show_label=False, container=False)
                self.table = _html()
            self.next = _html(elem_id="next")
            self.examples = _html(elem_id="examples")
            with gr.Row(elem_id="asking"):
                self.question = gr.Textbox(
                    label="Question",
                    show_label=False,
                    placeholder="Ask what was said",
                    lines=1,
                    max_lines=6,
                    max_length=self.settings.max_question_chars,
                    elem_id="question",
                    container=False,
                    scale=1,
                )
                self.go = gr.Button("Ask", elem_id="ask", scale=0, min_width=72, variant="primary")
                self.stop = gr.Button("Stop", elem_id="stop", scale=0, min_width=72, visible=False)
            self.narrowing = Narrowing(self.page)
        self.id = gr.Textbox(visible="hidden", elem_id="conversation-id", label="Conversation")
        self.search = gr.Textbox(visible="hidden", elem_id="address", label="Address")
        self.answer = gr.State(None)

    def _right(self) -> None:
        with gr.Column(elem_id="right", scale=0, min_width=320):
            _html('<h2 class="side">Sources</h2>')
            self.sources = _html(elem_id="sources")

    def _draft(self) -> None:
        _html(_DRAFT_INTRO)
        self.draft = gr.Textbox(
            label="Draft", lines=6, max_lines=24, max_length=200_000, elem_id="draft", buttons=[]
        )
        self.check = gr.Button("Check the quotations", elem_id="check", variant="primary")
        self.verdicts = _html(elem_id="verdicts")

    def _corpus(self) -> None:
        self.holdings = _html(elem_id="corpus-info")
        if self.settings.uploads:
            most = f"{self.settings.max_file_bytes / 1_000_000:,.4g} MB"
            label = f"Add articles: .txt or .md, each of at most {most}"
            self.files = gr.File(label=label, file_count="multiple", elem_id="upload")
            self.added = _html(elem_id="added")
        self.wanted = gr.Textbox(
            label="Find articles", placeholder="Words in title, outlet or text", elem_id="corpus-search"
        )
        self.articles = _html(elem_id="corpus-table")

    # --- what happens

    def _wire(self) -> None:
        told, talk = self.narrowing.boxes, self._talk()
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        whole = [*talk, *told, self.narrowing.sought, self.narrowing.fold, self.holdings, self.articles]
        shown = {"fn": self._load, "inputs": [self.search, self.wanted], "js": _SEARCH, **quiet}
        suggested = {"fn": self._follow_ups, "inputs": [self.answer, *told], "outputs": self.next, **quiet}
        for start in (self.blocks.load, self.conversations.refresh):
            start(**shown, outputs=whole).then(**suggested)
        gr.on(
            [self.id.change, *(each.change for each in told)],
            None,
            [self.id, *told],
            None,
            js="(...view) => window.onrecord.address(view)",
            api_visibility="private",
        )
        asked = gr.on(
            [self.question.submit, self.go.click],
            self._ask,
            [self.question, self.id, *told],
            [*talk, self.question, self.go, self.stop],
            **quiet,
        )
        asked.then(**suggested)
        self.stop.click(self._stopped, None, [self.current, self.go, self.stop], cancels=[asked], **quiet)
        self._wire_conversations(quiet, suggested)
        self.check.click(self._check, self.draft, self.verdicts, **quiet)
        self.wanted.change(
            self.page.articles, self.wanted, self.articles, trigger_mode="always_last", **quiet
        )
        self.conversations.leaf(self._leaf, self.wanted, self.articles, **quiet)
        self.conversations.build(self.page.build, None, self.examples, **quiet)
        self.narrowing.wire(quiet)
        if self.settings.uploads:
            grown = [self.files, self.added, self.holdings, self.articles]
            self.narrowing.grow(self.files.upload(self._add, self.files, grown, **quiet), quiet)

    def _wire_conversations(self, quiet: dict[str, Any], suggested: dict[str, Any]) -> None:
        listing, talk = self.conversations, self._talk()
        listing.pick(self._pick, None, talk, **quiet).then(**suggested)
        listing.new(self._pick, None, talk, **quiet)
        listing.rename(self._rename, self.id, listing, **quiet)
        listing.delete(self._delete, self.id, talk, **quiet)
        listing.rate(self._rate, self.id, None, **quiet)

    def _talk(self) -> list[Any]:
        """Give the parts of the page that show a conversation."""
        turns = [self.id, self.past, self.current, self.next, self.examples, self.answer]
        return [*turns, self.sources, self.conversations, self.timeline, self.plot, self.table]

    def _load(self, search: str, wanted: str, request: gr.Request) -> dict[Any, Any]:
        """Show what the address says."""
        view, owner = View.of(search or ""), self._owner(request)
        corpus = {self.holdings: self.page.holdings(), self.articles: self.page.articles(wanted or "")}
        return {**self._opened(view.conversation, owner), **self.narrowing.shown(view), **corpus}

    def _check(self, draft: str, request: gr.Request) -> str:
        return self.page.check(draft or "", self._owner(request))

    def _leaf(self, wanted: str, event: gr.EventData) -> str:
        offset = _text(event, "leaf")
        return self.page.articles(wanted or "", int(offset[:9]) if offset.isdecimal() else 0)

    async def _ask(
        self,
        question: str,
        ident: str,
        since: str,
        until: str,
        outlet: list[str],
        speaker: list[str],
        article: list[str],
        request: gr.Request,
    ) -> AsyncGenerator[dict[Any, Any], None]:
        """Answer a question, showing each step."""
        if not (question or "").strip():
            yield {self.question: ""}
            return
        vacant = await to_thread.run_sync(self.page.vacant)
        if vacant:
            yield {self.examples: vacant}  # what was typed stays, to be asked once there is an index
            return
        owner = self._owner(request)
        view = _view(ident or secrets.token_hex(16), since, until, outlet, speaker, article)
        past, _ = await to_thread.run_sync(self.page.turns, view.conversation, owner)
        first: dict[Any, Any] = {self.past: past, self.question: "", self.next: "", self.examples: ""}
        first |= self._buttons(asking=True)
        answer: Answer | None = None
        async for shown in self.page.ask(question, view, owner):
            answer = shown.answer
            yield {**first, self.current: shown.current}
            first = {}
        beside = await to_thread.run_sync(self._beside, view.conversation, owner, answer) if answer else {}
        yield {**beside, **self._buttons(asking=False)}

    def _stopped(self) -> dict[Any, Any]:
        return {self.current: self.page.stopped(""), **self._buttons(asking=False)}

    def _buttons(self, *, asking: bool) -> dict[Any, Any]:
        return {self.go: gr.update(visible=not asking), self.stop: gr.update(visible=asking)}

    def _beside(self, ident: str, owner: str, answer: Answer | None) -> dict[Any, Any]:
        """Show what stands beside a conversation's turns."""
        return {
            self.id: ident,
            self.answer: answer,
            self.sources: self.page.sources(answer),
            self.conversations: self.page.listed(ident, owner),
            **self._timeline(answer),
        }

    def _follow_ups(self, answer: Answer | None, *narrowed: Any) -> str:
        return self.page.follow_ups(answer, _view("", *narrowed))

    def _timeline(self, answer: Answer | None) -> dict[Any, Any]:
        figure = timeline_figure(answer) if answer else None
        table = timeline_table_html(answer) if answer and figure else ""
        return {self.timeline: gr.update(visible=figure is not None), self.plot: figure, self.table: table}

    def _pick(self, event: gr.EventData, request: gr.Request) -> dict[Any, Any]:
        return self._opened(_text(event, "id"), self._owner(request))

    def _opened(self, ident: str, owner: str) -> dict[Any, Any]:
        past, answer = self.page.turns(ident, owner)
        return {
            **self._beside(ident if past else "", owner, answer),
            self.past: past,
            self.current: "",
            self.next: "",
            self.examples: "" if past else self.page.welcome(),
        }

    def _rename(self, ident: str, event: gr.EventData, request: gr.Request) -> str:
        self.page.rename(_text(event, "id"), _text(event, "title"), self._owner(request))
        return self.page.listed(ident, self._owner(request))

    def _delete(self, ident: str, event: gr.EventData, request: gr.Request) -> dict[Any, Any]:
        gone, owner = _text(event, "id"), self._owner(request)
        self.page.delete(gone, owner)
        if gone == ident:
            return self._opened("", owner)
        return {self.conversations: self.page.listed(ident, owner)}

    def _rate(self, ident: str, event: gr.EventData, request: gr.Request) -> None:
        turn = _text(event, "turn")
        if turn.isdecimal():
            up, reason = _text(event, "up") == "true", _text(event, "reason")
            self.page.rate(ident, int(turn[:9]), up=up, reason=reason, owner=self._owner(request))

    def _owner(self, request: gr.Request) -> str:
        return self.visitors.owner(request.request.scope) if request.request else ""

    async def _add(self, files: list[str]) -> AsyncGenerator[dict[Any, Any], None]:
        added = [Path(each) for each in files]
        try:
            async for told in self.page.add(added):
                yield {self.added: told}
        finally:
            for file in added:  # Gradio would keep its own copy for ever
                file.unlink(missing_ok=True)
        holdings = await to_thread.run_sync(self.page.holdings)
        # Left in the box, these files would come again with the next.
        yield {self.files: None, self.holdings: holdings, self.articles: self.page.articles()}


def _view(
    ident: str, since: str, until: str, outlet: list[str], speaker: list[str], article: list[str]
) -> View:
    days = ((since or "").strip(), (until or "").strip())
    return View(ident, *days, tuple(outlet or ()), tuple(speaker or ()), tuple(article or ()))


def _html(value: str = "", *, elem_id: str | None = None) -> gr.HTML:
    return gr.HTML(value, elem_id=elem_id, js_on_load=None, apply_default_css=False)


def _text(event: gr.EventData, name: str) -> str:
    value = event._data.get(name) if isinstance(event._data, dict) else None
    return value if isinstance(value, str) else ""


_SEARCH = "(before, wanted) => [window.location.search, wanted]"
_HEADER = f"""
<header class="masthead"><h1>onrecord</h1>
<p>Answers in exact quotations: each is a slice of an article, character for character.</p>
<nav aria-label="About"><a href="docs">API</a> <span class="faint">{__version__}</span></nav>%s</header>
"""
_SIGN_OUT = '<form method="post" action="signout"><button class="act" type="submit">Sign out</button></form>'
_DRAFT_INTRO = """
<p class="lead">Paste a text. Every quotation in it is looked up, word for word, in the articles.</p>
"""
