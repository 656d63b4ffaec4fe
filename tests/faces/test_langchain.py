"""onrecord as a LangChain retriever."""

from __future__ import annotations

import re

import pytest
from langchain_core.runnables import RunnableLambda
from pydantic import ValidationError

from onrecord import Assistant
from onrecord.errors import IndexMissingError, QuestionError, UnknownArticleError
from onrecord.faces.langchain import OnrecordRetriever
from tests.shared import ROOT

QUERY = "What did the minister say about the harbour?"


@pytest.fixture(scope="module")
def assistant(plain_index):
    with Assistant.open(plain_index) as opened:
        yield opened


@pytest.fixture
def retriever(assistant):
    return OnrecordRetriever(assistant=assistant, k=3)


def test_documents_are_exact_slices_that_say_where_they_stand(retriever, assistant):
    documents = retriever.invoke(QUERY)
    assert [document.metadata["rank"] for document in documents] == [1, 2, 3]
    for document in documents:
        found = document.metadata
        article = assistant.article(found["article_id"])
        assert document.page_content == article.text[found["start"] : found["end"]] != ""
        assert [found[name] for name in ("file", "title", "outlet", "published", "sha256")] == [
            article.file, article.title, article.outlet, article.published, article.sha256,
        ]  # fmt: skip
    scores = [document.metadata["score"] for document in documents]
    assert scores == sorted(scores, reverse=True)
    assert documents[0].metadata["article_id"] == "harbour"


def test_documents_are_what_search_finds(retriever, assistant):
    hits = assistant.search(QUERY, limit=3)
    assert [(hit.passage.id, hit.text) for hit in hits] == [
        (document.id, document.page_content) for document in retriever.invoke(QUERY)
    ]


def test_a_batch_is_each_query_by_itself(retriever):
    queries = [QUERY, "ferry strike", "glacier ice"]
    assert retriever.batch(queries) == [retriever.invoke(query) for query in queries]


def test_it_stands_in_a_chain(retriever):
    chain = retriever | RunnableLambda(
        lambda documents: [document.metadata["rank"] for document in documents]
    )
    assert chain.invoke(QUERY) == [1, 2, 3]


@pytest.mark.parametrize(
    ("fields", "within"),
    [
        ({"since": "2022-06"}, {"strike", "glacier"}),
        ({"until": "2022"}, {"harbour", "strike"}),
        ({"outlet": "island post"}, {"strike", "glacier"}),
        ({"outlet": ["Island Post", "Kelmouth Courier"]}, {"harbour", "strike", "glacier"}),
        ({"article": "undated"}, {"undated"}),
        ({"since": "2030"}, set()),
    ],
)
def test_filters_are_kept(assistant, fields, within):
    documents = OnrecordRetriever(assistant=assistant, k=50, **fields).invoke("Kelmouth ferry harbour bread")
    assert {document.metadata["article_id"] for document in documents} == within


def test_an_index_is_opened_by_its_settings(plain_index, tmp_path):
    retriever = OnrecordRetriever.open(plain_index, k=1, outlet="Island Post")
    assert [document.metadata["article_id"] for document in retriever.invoke("night shifts")] == ["strike"]
    with pytest.raises(IndexMissingError):
        OnrecordRetriever.open(plain_index.model_copy(update={"index": tmp_path}))


def test_the_example_in_the_docs_works(built_index, monkeypatch, capsys):
    monkeypatch.setenv("ONRECORD_INDEX", str(built_index.index))
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    exec(re.search(r"```python\n(from onrecord\.faces\.langchain.*?)```", page, re.DOTALL)[1], {})
    assert capsys.readouterr().out.startswith(("000_958ad2b006b0f065.txt ", "003_4bf6cde60e83d0fa.txt "))


def test_what_cannot_be_searched_is_an_error(assistant):
    with pytest.raises(QuestionError):
        OnrecordRetriever(assistant=assistant).invoke("")
    with pytest.raises(UnknownArticleError):
        OnrecordRetriever(assistant=assistant, article="none").invoke(QUERY)
    for fields in ({"k": 0}, {"sinse": "2022"}):
        with pytest.raises(ValidationError):
            OnrecordRetriever(assistant=assistant, **fields)
