"""Articles that try to run as part of the page, in every field that a corpus has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from onrecord import Settings
from tests.indexes import build_once

__all__ = ["ATTACKS", "hostile_index"]

# Each calls alert, which the browser of the tests counts, or asks another machine for something.
ATTACKS = (
    "<script>alert('script')</script>",
    "<img src=x onerror=\"alert('img')\">",
    "<svg onload=alert('svg')><circle r=9 /></svg>",
    "<svg><script>alert('svg script')</script></svg>",
    "<iframe srcdoc=\"<script>parent.alert('frame')</script>\"></iframe>",
    "<iframe src=\"javascript:parent.alert('frame link')\"></iframe>",
    "<a href=\"javascript:alert('link')\" id=trap>trap</a>",
    "<style>@import url(http://foreign.example/style.css); body { display: none }</style>",
    '<meta http-equiv=refresh content="0; url=http://foreign.example/refresh">',
    '<base href="http://foreign.example/base/">',
    "<link rel=stylesheet href=http://foreign.example/link.css>",
    "<object data=http://foreign.example/object></object><embed src=http://foreign.example/embed>",
    "<video src=http://foreign.example/v autoplay onerror=alert('video')></video>",
    "<form action=http://foreign.example/form><input autofocus onfocus=alert('focus')></form>",
    "<details open ontoggle=alert('toggle')><summary>x</summary></details>",
    "![picture](http://foreign.example/markdown.png)",
    "[link](javascript:alert('markdown'))",
    "<http://foreign.example/auto> ![x](javascript:alert('md'))",
    '" onmouseover="alert(\'attribute\')" autofocus onfocus="alert(\'attr\')" x="',
    "' onfocus='alert(1)' tabindex='1' autofocus x='",
    "</textarea></title></style></script><script>alert('closing')</script>",
    "<!--><script>alert('comment')</script>-->",
    "<math><mtext><table><mglyph><style><!--</style><img src=x onerror=alert('math')>",
    "{{constructor.constructor('alert(1)')()}} ${alert('template')} <%= alert(1) %>",
    "&lt;script&gt;alert('twice')&lt;/script&gt; &#60;img src=x onerror=alert('entity')&#62;",
    "\\u003cscript\\u003ealert('escaped')\\u003c/script\\u003e",
    "<scr\x00ipt>alert('nul')</scr\x00ipt><img/src=x/onerror=alert('slash')>",
    "javascript:alert('bare')",
    "data:text/html,<script>alert('data')</script>",
)

_LINKS = (
    "javascript:alert('url')",
    "JaVaScRiPt:alert('url')//http://ok.example",
    "data:text/html,<script>alert('url')</script>",
    "http://foreign.example/\"onmouseover=\"alert('url')",
    "https://foreign.example/'><script>alert('url')</script>",
    "vbscript:msgbox(1)",
)


def _records() -> Iterator[dict[str, str]]:
    for number, attack in enumerate(ATTACKS):
        words = f"Ferry number {number} will sail {attack} before dawn"
        yield {
            "id": f"attack-{number} {attack}",
            "title": f"Ferry {number} {attack}",
            "text": (
                f"{attack}\n\n“{words},” Captain Ada {attack} Ostrow said.\n\n"
                f"The harbour of Kelmouth {attack} was built in 1931.\n\n“{words} again,” Ada Ostrow said. "
                f"{attack}\n"
            ),
            "published": f"2022-0{number % 9 + 1}-14",
            "outlet": f"Courier {attack}",
            "url": _LINKS[number % len(_LINKS)],
        }


def hostile_index(folder: Path) -> Settings:
    """Write the articles as a corpus, and build its index.

    Args:
        folder: Where to.

    Returns:
        Where they are.
    """
    corpus = folder / "hostile.jsonl"
    corpus.write_text("".join(json.dumps(each) + "\n" for each in _records()), encoding="utf-8")
    settings = Settings.load(corpus=corpus, index=folder / "index")
    build_once(settings)
    return settings
