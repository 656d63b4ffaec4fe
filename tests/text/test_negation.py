"""One list of negations: what cuts, what verifies and what compares know every word of it."""

from __future__ import annotations

import pytest

from onrecord.text.clipping import clips
from onrecord.text.negation import NEGATORS, TURNING, negations
from onrecord.text.polarity import Polarity
from onrecord.text.word_lists import words
from onrecord.types import Article, Turning
from onrecord.verification.verify import verify_text

ENTRIES = sorted({*NEGATORS, *TURNING, "isn't", "won’t"})
TOLD = "the ministers will pay for the new road"


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_slice_cut_beside_any_of_them_says_so(entry):
    text = f"It is {entry} {TOLD}."
    start = text.index(TOLD)
    told = {"unless": Turning.CONDITION, "except": Turning.CONTRAST}.get(entry, Turning.NEGATION)
    (clip,) = [one for one in clips(text, start, len(text)) if one.turning is told]
    assert text[clip.start : clip.end].lower().startswith(entry.split()[0])


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_draft_that_leaves_any_of_them_out_is_told(entry):
    text = f"The envoy wrote that they will {entry} rebuild the old harbour wall by next spring."
    draft = f"“they will rebuild the old harbour wall by next spring”, and “they will […] {TOLD}”"
    verdict, *_ = verify_text(draft, [Article("a", "a", "t", text, "0")])
    assert not verdict.ok
    elided = "“they will … rebuild the old harbour wall by next spring”"
    (verdict,) = verify_text(elided, [Article("a", "a", "t", text, "0")])
    assert not verdict.ok
    assert entry.split()[0].replace("’", "'") in verdict.note.lower().replace("’", "'")


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_true_quotation_that_begins_behind_any_of_them_warns_of_it(entry):
    text = f"The envoy wrote that {entry} they will rebuild the old harbour wall by next spring."
    (verdict,) = verify_text(
        "“they will rebuild the old harbour wall by next spring”", [Article("a", "a", "t", text, "0")]
    )
    assert verdict.ok
    assert verdict.note.startswith(f"the words before it are: {entry.replace('’', chr(39))}")


@pytest.mark.parametrize(
    "entry", sorted({*NEGATORS, *(e for e, reach in TURNING.items() if reach == "next")})
)
def test_what_compares_knows_each_that_reaches_the_words_behind_it(entry):
    assert Polarity.of(f"They {entry} build bridges.").denied["bridg"] == 1
    assert Polarity.of("They build bridges.").denied["bridg"] == 0


def test_names_of_things_are_no_negation():
    assert not negations("A no-fly zone and a no-confidence vote, of which they know much.")
    assert [found[0] for found in negations("No, they will not; far  from it.")] == ["No", "not", "far  from"]


def test_every_word_list_says_where_it_comes_from_and_is_used(root):
    code = "".join(path.read_text() for path in (root / "src" / "onrecord").rglob("*.py"))
    lists = sorted((root / "src" / "onrecord" / "text" / "en").glob("*.txt"))
    assert len(lists) > 40
    for path in lists:
        first, *rest = path.read_text(encoding="utf-8").split("\n")
        assert first.startswith("# "), path.name
        assert ";" in first, path.name
        assert rest.pop() == "", path.name
        assert all(rest), path.name
        assert len({entry.split("\t")[0] for entry in rest}) == len(rest), path.name
        assert f'"{path.stem}"' in code, path.name


def test_a_language_without_a_folder_is_an_error():
    with pytest.raises(FileNotFoundError):
        words("negations", language="xx")
