"""The pipeline that LangChain's retrieval tutorial builds, as a program that is measured.

RecursiveCharacterTextSplitter 1000/200, HuggingFaceEmbeddings with the same
weights, Chroma.from_documents kept on disk, similarity search with k = 4.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

__all__ = ["main"]

_WARM = 5
_K = 4


def _embeddings() -> Any:
    from langchain_huggingface import HuggingFaceEmbeddings

    from onrecord.models.weights import find_weights

    return HuggingFaceEmbeddings(model_name=str(find_weights().path))


def _documents(corpus: Path) -> list[Any]:
    from langchain_core.documents import Document

    from tools.bench.workload import read_rows

    if corpus.is_dir():
        return [
            Document(page_content=path.read_text(encoding="utf-8-sig"), metadata={"source": path.name})
            for path in sorted(corpus.glob("*.txt"))
        ]
    return [Document(page_content=row["text"], metadata={"source": row["id"]}) for row in read_rows(corpus)]


def _index(options: argparse.Namespace) -> dict[str, Any]:
    from langchain_chroma import Chroma
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    documents = _documents(options.corpus)
    splits = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(documents)
    Chroma.from_documents(documents=splits, embedding=_embeddings(), persist_directory=str(options.store))
    return {"articles": len(documents), "passages": len(splits)}


def _ask(options: argparse.Namespace) -> dict[str, Any]:
    from langchain_chroma import Chroma

    store = Chroma(persist_directory=str(options.store), embedding_function=_embeddings())
    questions = json.loads(options.questions.read_text(encoding="utf-8"))
    for question in questions[:_WARM] if len(questions) > 1 else ():
        store.similarity_search(question, k=_K)
    times = []
    for question in questions:
        started = time.perf_counter()
        found = store.similarity_search(question, k=_K)
        times.append(1000 * (time.perf_counter() - started))
    return {"times": {"question": times}, "found": len(found)}


def main() -> None:
    """Do one of the two and print what came of it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("index", "ask"))
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--questions", type=Path)
    options = parser.parse_args()
    print(json.dumps(_index(options) if options.what == "index" else _ask(options)))


if __name__ == "__main__":
    main()
