"""What the app says of itself in Slack: its home, and its help."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.faces.slack.blocks import Block, Message, context, note, plain, rich, section, texts

ABOUT = (
    "Ask what was said, and get exact quotations from the articles: who said it, when, and where it is "
    "printed. When the articles do not say, you are told so, and what was searched."
)
HELP = (
    "Mention me in a channel, write to me directly, or use /ask:",
    "/ask What did Blinken say about Iran? – answers in quotations",
    "/ask verify “…” – checks a quotation, word for word",
    "Check quotations – in the menu of any message, checks every quotation in it",
    "In a thread I keep in mind what was asked there before; in a channel, mention me again.",
)
_QUESTION = 150


def help_message() -> Message:
    """Say what can be asked, and how."""
    lines = [section(*texts(line)) for line in HELP]
    return Message("How to ask", (note(ABOUT), rich(*lines)))


def home_view(questions: Sequence[str], *, holds: str) -> Block:
    """Make the app's home."""
    examples = [_example(number, each) for number, each in enumerate(questions, start=1)]
    heading = [note("Worth asking", bold=True)] if examples else []
    lines = [section(*texts(line)) for line in HELP]
    blocks = [note(ABOUT), *heading, *examples, rich(*lines), context(holds)]
    return {"type": "home", "blocks": blocks}


def _example(number: int, question: str) -> Block:
    button = {
        "type": "button",
        "action_id": f"example-{number}",
        "text": plain("Ask"),
        "value": question[:1_900],
    }
    return {"type": "section", "text": plain(question, _QUESTION * 10), "accessory": button}
