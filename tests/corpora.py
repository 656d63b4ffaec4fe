"""Small corpora for the tests, and indexes of them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from onrecord import Settings
from tests.indexes import build_once

Record = Mapping[str, str]

PLAIN: tuple[Record, ...] = (
    {
        "id": "harbour",
        "title": "Minister opens the new harbour",
        "text": (
            "Transport Minister Ada Ostrow opened the new harbour in Kelmouth on Monday.\n\n"
            "“This harbour will carry a third of our grain by next spring,” Ostrow said.\n\n"
            "The harbour cost 40 million crowns, according to the ministry."
        ),
        "published": "2022-03-14",
        "outlet": "Kelmouth Courier",
    },
    {
        "id": "strike",
        "title": "Ferry crews walk out",
        "text": (
            "Ferry crews in Kelmouth began a three-day strike over night shifts.\n\n"
            "Union leader Piet Verlaan told reporters: “Nobody sails before the roster is fair.”\n\n"
            "The company rejected the demand and hired buses for its passengers."
        ),
        "published": "2022-11-02",
        "outlet": "Island Post",
    },
    {
        "id": "glacier",
        "title": "Glacier loses record amount of ice",
        "text": (
            "The Hollin glacier lost more ice this summer than in any year since 1931.\n\n"
            "“We measured twelve metres at the lower stake,” glaciologist Mira Sandoval said.\n\n"
            "Two mountain huts have closed because the ground below them thaws."
        ),
        "published": "2023-09-20",
        "outlet": "Island Post",
    },
    {
        "id": "undated",
        "title": "A recipe for barley bread",
        "text": (
            "Barley bread needs patience and a hot stone.\n\n"
            "Baker Tomas Quill advises an overnight rest: “The dough tells you when it is ready.”"
        ),
    },
)
"""Four articles; the last has neither date nor outlet."""

ODD: tuple[Record, ...] = (
    {
        "id": "wide 🙂",
        "title": "Emoji 👩‍👩‍👧 in parliament",
        "text": (
            "\t  The speaker 👩🏽‍⚖️ banned emoji 🙂 from the minutes.\r\n\r\n“Pictures 🙂 are no words,” "
            "clerk Zoë Ångström said.\r\nThe ban\u00a0holds from July\u2028and covers stickers."
        ),
        "published": "2021",
        "outlet": "Straße & Söhne",
    },
    {
        "id": "decomposed",
        "title": "Cafe\u0301 owners protest",
        "text": (
            "Cafe\u0301 owners in I\u0307zmir protested a tax on napkins.\n\n«Nous fermons demain», said "
            "owner Ame\u0301lie Dufre\u0301ne. ﬁfty cafés closed… The \u202btax\u202c stays."
        ),
        "published": "2021-05/2021-06",
    },
    {
        "id": "marked-up",
        "title": "*_Markup_* <b>&amp;</b> `code`",
        "text": (
            "Engineers wrote <script>alert(1)</script> & [links](x) into the `report` of the dam.\n\n"
            '"Water_level * 2 < 30 [2015] (July 2015)," engineer Bo Li said.\n\n***\nThe dam\x0bheld\x0c.'
        ),
        "published": "2021-12-24",
        "outlet": "Straße & Söhne",
    },
    {
        "id": "astral",
        "title": "𝕎ide 𝔸rticles",
        "text": (
            "𝒲𝒾𝒹𝑒 letters 𐐷 stand outside the basic plane. "
            "日本銀行は金利を据え置いた。Nobody reads them twice."
        ),
    },
    {"id": "tiny", "title": "", "text": "a"},
)
"""Articles with emoji, decomposed letters, control characters, markup and letters outside the basic plane."""


def write_jsonl(path: Path, records: Iterable[Record]) -> Path:
    """Write a corpus."""
    path.write_text("".join(json.dumps(dict(record)) + "\n" for record in records), encoding="utf-8")
    return path


def indexed(folder: Path, records: Iterable[Record]) -> Settings:
    """Write a corpus into a folder, with its index beside it."""
    corpus = write_jsonl(folder / "corpus.jsonl", records)
    settings = Settings.load(corpus=corpus, index=folder / "index")
    build_once(settings)
    return settings


def copy_of(settings: Settings, folder: Path) -> Settings:
    """Give a corpus of its own and an index of its own; the files of generations are linked, not copied."""
    copied = shutil.copytree if settings.corpus.is_dir() else shutil.copyfile
    corpus = copied(settings.corpus, folder / settings.corpus.name)

    def link(source: str, target: str) -> None:
        within = Path(source).relative_to(settings.index).parts[0]
        (os.link if within.startswith("gen-") else shutil.copy2)(source, target)

    shutil.copytree(settings.index, folder / "index", copy_function=link)
    return settings.model_copy(update={"corpus": corpus, "index": folder / "index", "state": None})
