"""What is indexed and what is asked.

As a program, writes Reuters articles to a JSONL file, repeated with altered
ids where needed, until onrecord cuts them into a given number of passages.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

__all__ = ["FILTER", "news_questions", "questions_about", "read_rows", "take", "write_reuters"]

FILTER = ("1987-04-01", "1987-06-30")
"""A third of the months that the Reuters articles are from."""


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Read the articles of a JSONL file, compressed or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def take(source: Path, target: Path, articles: int) -> None:
    """Write the first articles of a file to another one."""
    rows = [row for row, _ in zip(read_rows(source), range(articles), strict=False)]
    _write(target, rows)


def questions_about(titles: Sequence[str], number: int) -> list[str]:
    """Make questions of titles, taken at even distances."""
    step = max(len(titles) // number, 1)
    return [f"What was said about {title.split(' | ')[0].strip()}?" for title in titles[::step][:number]]


def news_questions(path: Path, number: int) -> list[str]:
    """Make questions of a JSONL file's titles."""
    return questions_about([row["title"] for row in read_rows(path) if row["title"]], number)


def write_reuters(source: Path, target: Path, passages: int) -> int:
    """Write articles until they make this many passages; give how many passages they make."""
    # In no order of time, so that a date filter keeps the same share of an index of any size.
    rows = sorted(read_rows(source), key=lambda row: hashlib.blake2b(row["id"].encode()).digest())
    made = 0
    written = []
    sizes: dict[str, int] = {}
    for turn in count():
        for row in rows:
            if made >= passages:
                _write(target, written)
                return made
            if row["id"] not in sizes:
                sizes[row["id"]] = _passages(row)
            made += sizes[row["id"]]
            written.append(row if not turn else row | {"id": f"{row['id']}-{turn}"})
    raise AssertionError("unreachable")


def _write(target: Path, rows: Sequence[dict[str, Any]]) -> None:
    staged = target.with_suffix(".part")
    staged.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    staged.replace(target)


def _passages(row: dict[str, Any]) -> int:
    from onrecord.index.chunking import chunk
    from onrecord.types import Article

    article = Article(row["id"], "reuters.jsonl", row["title"], row["text"], "", published=row["date"])
    return len(chunk(article, count_tokens=_count_tokens).passages)


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    from onrecord.models.weights import find_weights

    tokenizer = Tokenizer.from_file(str(find_weights().path / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _count_tokens(texts: Sequence[str]) -> list[int]:
    return [
        len(encoding) for encoding in _tokenizer().encode_batch_fast(list(texts), add_special_tokens=False)
    ]


def main() -> None:
    """Write the file and print how many passages it makes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--passages", type=int, required=True)
    options = parser.parse_args()
    print(write_reuters(options.source, options.target, options.passages))


if __name__ == "__main__":
    main()
