"""What the page's search is narrowed to: Gradio's components for it, and how they offer what there is."""

from __future__ import annotations

from typing import Any

import gradio as gr

from onrecord.faces.page.actions import OFFERED, PageActions
from onrecord.faces.page.view import View


class Narrowing:
    """Days, outlets, speakers and articles to stay within; built where the page's blocks are open.

    Args:
        page: Knows what there is.
    """

    def __init__(self, page: PageActions) -> None:
        self._page = page
        self.fold = gr.Accordion("Narrow the search", open=False, elem_id="filters")
        with self.fold:
            with gr.Row():
                self.since = gr.Textbox(
                    label="From", placeholder="2022, 2022-03 or 2022-03-14", elem_id="since", max_lines=1
                )
                self.until = gr.Textbox(
                    label="To", placeholder="2023, 2023-06 or 2023-06-28", elem_id="until", max_lines=1
                )
            with gr.Row():
                self.outlet = self._names("Outlet", "outlet")
                self.speaker = self._names("Speaker", "speaker")
            self.sought = gr.Textbox(
                label="Find articles to tick",
                placeholder="Words in title, outlet or text",
                elem_id="sought",
                max_lines=1,
                visible=False,
            )
            self.article = gr.CheckboxGroup([], label="Articles (none ticked: all)", elem_id="articles")
            self.clear = gr.Button("Clear all of these", elem_id="clear", size="sm")
        self.boxes: list[Any] = [self.since, self.until, self.outlet, self.speaker, self.article]

    def _names(self, label: str, name: str) -> gr.Dropdown:
        # A name that the corpus does not know stays as typed; the answer then says what is near to it.
        return gr.Dropdown([], label=label, multiselect=True, allow_custom_value=True, elem_id=name)

    def wire(self, quiet: dict[str, Any]) -> None:
        """Offer more as somebody types."""
        self.sought.change(
            self._articles, [self.sought, self.article], self.article, trigger_mode="always_last", **quiet
        )
        self.clear.click(lambda: self.shown(View()), None, [*self.boxes, self.sought, self.fold], **quiet)

    def grow(self, event: Any, quiet: dict[str, Any]) -> None:
        """Offer the articles anew after an event by which there are more."""
        event.then(self._articles, [self.sought, self.article], self.article, **quiet)

    def shown(self, view: View) -> dict[Any, Any]:
        """Show what an address says, open where it narrows anything."""
        chosen = {
            box: gr.update(
                choices=self._page.offered(name, "", getattr(view, name)), value=list(getattr(view, name))
            )
            for name, box in (("outlet", self.outlet), ("speaker", self.speaker), ("article", self.article))
        }
        many = self._page.held() > OFFERED
        days = {self.since: view.since, self.until: view.until}
        opened = {self.fold: gr.update(open=True)} if view.filters else {}
        return {**days, **chosen, **opened, self.sought: gr.update(visible=many)}

    def _articles(self, words: str, ticked: list[str]) -> dict[Any, Any]:
        # Told again, what is ticked is always among what is offered.
        offered = self._page.offered("article", words or "", ticked or ())
        return {self.article: gr.update(choices=offered, value=ticked or [])}
