"""Where front matter ends, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.text.front_matter import FRONT_MATTER_LIMIT, front_matter_end


@pytest.mark.parametrize(
    "block",
    [
        "---\ntitle: T\n---\n",
        "---\r\ntitle: T\r\n...\r\n",
        "---\rtitle: T\r---\r",
        "--- \n\n# comment\ntitle: T: t\ntags:\n- a\n  - b\ntext: |\n  more\n'quoted': x\nkey:\n---\t\n",
    ],
)
@pytest.mark.parametrize("rest", ["", "# Heading\n", "Text\n---\n"])
def test_front_matter_ends_after_its_closing_line(block: str, rest: str) -> None:
    assert front_matter_end(block + rest) == len(block)


def test_the_closing_line_may_end_the_text() -> None:
    assert front_matter_end("---\ntitle: T\n---") == len("---\ntitle: T\n---")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---",
        "---\n---\n",
        "---\ntitle: T\n",
        "---\nHe spoke at length.\n---\n",
        "---\ntitle: T\nProse in between: no key of its own.\n---\n",
        "---\ntitle: T\n--- more\n",
        "----\ntitle: T\n----\n",
        "\n---\ntitle: T\n---\n",
        " ---\ntitle: T\n---\n",
        "---\nhttps://example.org\n---\n",
    ],
)
def test_a_rule_of_dashes_is_no_front_matter(text: str) -> None:
    assert front_matter_end(text) == 0


@pytest.mark.parametrize("more", [0, 1])
def test_front_matter_has_a_limit(more: int) -> None:
    head, closing = "---\ntitle: T\n# ", "\n---\n"
    block = head + "x" * (FRONT_MATTER_LIMIT - len(head) - len(closing) + more) + closing
    assert front_matter_end(block + "Text") == (0 if more else len(block))


@given(st.text(), st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_follows_does_not_move_the_end(rest: str, newline: str) -> None:
    block = newline.join(["---", "title: T", "---", ""])
    if not (newline == "\r" and rest.startswith("\n")):
        assert front_matter_end(block + rest) == len(block)


@given(st.text(st.sampled_from("-.: \t\r\n#'[]ab"), max_size=60))
def test_the_end_lies_within_the_text_after_a_line(text: str) -> None:
    end = front_matter_end("---\n" + text)
    assert 0 <= end <= len(text) + 4
    assert end == 0 or ("---\n" + text)[:end].rstrip().endswith(("---", "..."))
