from __future__ import annotations

import itertools
import string
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.text.folding import fold

TYPOGRAPHY = st.text(
    st.sampled_from("ab “”‘’\"'«»-–—\u00a0\u2009\n\t….\u00ad\u200b\ufeffﬁé\u0301İß한ᄒ\u1161\u11ab☝️")
)
ANY = st.text() | TYPOGRAPHY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“We’ll see”", '"We\'ll see"'),
        ("«We see» ″ ‹so›", '"We see" " \'so\''),
        ("de‑escalate", "de-escalate"),
        ("1914–1918", "1914-1918"),
        ("talks — so far — failed", "talks—so far–failed"),
        ("talks -- so far", "talks – so far"),
        ("two\u00a0words\u2009here", "two words here"),
        ("a line\r\n  wrap", "a line wrap"),
        ("Amir‐Abdollahian", "Amir-Abdollahian"),
        ("caf\u00e9 \u1112\u1161\u11ab", "cafe\u0301 \ud55c"),
        ("ﬁrst oﬃce", "first office"),
        ("the conclusion…that", "the conclusion ... that"),
        ("and so . . . on", "and so… on"),
        ("co\u00adoperate\u200b\ufeff", "cooperate"),
        ("e\u200d\u0301", "é"),
    ],
)
def test_typography_folds_away(one, other):
    assert fold(one).text == fold(other).text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Not now", "not now"),
        ("10,000", "10.000"),
        ("re-sign", "resign"),
        ("no agreement.", "no agreement"),
        ("We're", "Were"),
        ("x²", "x2"),
        ("a..b", "a.b"),
    ],
)
def test_wording_does_not_fold_away(one, other):
    assert fold(one).text != fold(other).text


def test_case_folds_when_asked():
    assert fold("STRASSE İ", case=True).text == fold("straße i̇", case=True).text


def test_source_of_every_class():
    text = "“We’ll…”\n\nthe ﬁrst — cafe\u0301"
    folded = fold(text)
    assert folded.text == '"We\'ll..." the first-café'
    for slice_, printed in [
        ("We'll", "We’ll"),
        ("...", "…"),
        ("the", "the"),
        ("first", "ﬁrst"),
        ("café", "cafe\u0301"),
    ]:
        at = folded.text.index(slice_)
        start, end = folded.source(at, at + len(slice_))
        assert text[start:end] == printed


def test_the_middle_of_a_ligature_covers_all_of_it():
    assert fold("ﬁt").source(1, 2) == (0, 1)


@given(ANY)
def test_folding_twice_is_folding_once(text):
    once = fold(text).text
    assert fold(once).text == once


@given(ANY)
def test_normal_forms_fold_alike(text):
    assert fold(unicodedata.normalize("NFD", text)).text == fold(unicodedata.normalize("NFC", text)).text


@given(ANY, st.data(), st.booleans())
def test_slices_trace_back(text, data, case):
    folded = fold(text, case=case)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    first, last = folded.source(start, end)
    assert 0 <= first <= last <= len(text)
    assert folded.text[start:end].strip() in fold(text[first:last], case=case).text


@given(TYPOGRAPHY, TYPOGRAPHY, TYPOGRAPHY, st.sampled_from(string.ascii_lowercase))
def test_slices_between_plain_letters_fold_to_themselves(before, inside, after, letter):
    text = f"{before}{letter}x{inside}x{letter}{after}"
    folded = fold(text)
    start = len(fold(f"{before}{letter}").text)
    end = len(fold(f"{before}{letter}x{inside}x").text)
    first, last = folded.source(start, end)
    assert fold(text[first:last]).text == folded.text[start:end] == fold(f"x{inside}x").text


@given(ANY)
def test_offsets_run_forward_and_cover_the_text(text):
    folded = fold(text)
    edges = [folded.source(at, at + 1) for at in range(len(folded.text))]
    assert all(one[0] <= two[0] and one[1] <= two[1] for one, two in itertools.pairwise(edges))
    held = {at for start, end in edges for at in range(start, end)}
    missing = {text[at] for at in range(len(text)) if at not in held}
    assert all(char.isspace() or not fold(char).text for char in missing)


def test_plain_text_folds_to_itself():
    text = "Plain words, 10 of them; nothing else."
    assert fold(text).text == text
    assert fold(text).source(6, 11) == (6, 11)


@pytest.mark.parametrize(
    "unit", [" ", "\u200b", "-", " -", ". ", "\n\n", "e\u0301", "\u0301", "a\u200b", "“", "…", "ﬁ"]
)
def test_time_is_linear(unit):
    assert _seconds(unit * 80_000) / max(_seconds(unit * 40_000), 0.01) < 3


def _seconds(text):
    best = float("inf")
    for _ in range(5):
        begun = time.process_time()
        fold(text)
        best = min(best, time.process_time() - begun)
    return best
