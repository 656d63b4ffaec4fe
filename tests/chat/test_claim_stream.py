from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.chat.claim_stream import ClaimReader, JsonClaims, PlainClaims, WrittenClaim
from onrecord.chat.prompts import MOST_CLAIMS, MOST_IDS
from onrecord.errors import ProviderCutError

ONE = '{"answerable": true, "claims": [{"ids": [1, 3], "claim": "It opened."}]}'


def read(reader: ClaimReader, *deltas: str) -> tuple[list[WrittenClaim], bool]:
    claims = [claim for delta in deltas for claim in reader.feed(delta)]
    return claims, reader.finish()


def cut(text: str, places: list[int]) -> list[str]:
    ends = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[a:b] for a, b in zip(ends, [*ends[1:], len(text)], strict=True)]


def test_a_claim_comes_out_when_it_is_whole() -> None:
    reader = JsonClaims()
    assert reader.feed('{"answerable": true, "claims": [{"ids": [1], "claim": "A } {.') == []
    assert reader.feed('"}') == [WrittenClaim("A } {.", (1,))]
    assert reader.answerable
    with pytest.raises(ProviderCutError, match="midway"):
        reader.finish()


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        (ONE, [WrittenClaim("It opened.", (1, 3))]),
        (f"```json\n{ONE}\n```\n", [WrittenClaim("It opened.", (1, 3))]),
        (f" \n{ONE}\n", [WrittenClaim("It opened.", (1, 3))]),
        (
            '{"claims":[{"claim":"A","ids":["3","s4",3]},{"ids":[],"claim":"B"}],"answerable":true}',
            [WrittenClaim("A", (3, 4)), WrittenClaim("B", ())],
        ),
        ('{"answerable": true, "claims": []}', []),
        (
            r'{"answerable":true,"claims":[{"ids":[1],"claim":"\ud800 \"x\" \u0041"}]}',
            [WrittenClaim('\ufffd "x" A', (1,))],
        ),
    ],
)
def test_json(text: str, claims: list[WrittenClaim]) -> None:
    assert read(JsonClaims(), text) == (claims, True)
    assert read(JsonClaims(), *text) == (claims, True)


@pytest.mark.parametrize("claims", ["[]", '[{"ids": [1], "claim": "Yet it opened."}]'])
def test_no_claim_stands_beside_no_answer(claims: str) -> None:
    assert read(JsonClaims(), f'{{"answerable": false, "claims": {claims}}}') == ([], False)
    assert read(JsonClaims(), f'{{"claims": {claims}, "answerable": false}}') == ([], False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sure! " + ONE,
        ONE + " Hope this helps.",
        ONE + ONE,
        ONE[:-1],
        ONE[:-2],
        "[" + ONE + "]",
        '{"answerable": true}',
        '{"claims": []}',
        '{"answerable": 1, "claims": []}',
        '{"answerable": true, "claims": {}}',
        '{"answerable": true, "claims": [], "note": "x"}',
        '{"answerable": true, "answerable": true, "claims": []}',
        '{"answerable": true, "claims": ["x"]}',
        '{"answerable": true, "claims": [{"ids": [1]}]}',
        '{"answerable": true, "claims": [{"ids": 1, "claim": "A"}]}',
        '{"answerable": true, "claims": [{"ids": [1], "claim": "A", "quote": "B"}]}',
        '{"answerable": true, "claims": [{"ids": [1], "ids": [2], "claim": "A"}]}',
        '{"answerable": true, "claims": [{"ids": [NaN], "claim": "A"}]}',
        '{"answerable": true, "claims": [{"ids": [1.5], "claim": "A"}]}',
        '{"answerable": true, "claims": [{"ids": [true], "claim": "A"}]}',
        '{"answerable": true, "claims": [{"ids": [[1]], "claim": "A"}]}',
        '{"answerable": true, "claims": [{"ids": ["all"], "claim": "A"}]}',
        '{"answerable": true, "claims": [{"ids": [1], "claim": ["A"]}]}',
        '{"answerable": true, "claims": [{"ids": [1], "claim": {"a": "A"}}]}',
        '{"answerable": true, "claims": [' + "[" * 20_000 + "]" * 20_000 + "]}",
        '{"answerable": true, "claims": [{"ids": ' + "[" * 20_000 + "]" * 20_000 + ', "claim": "A"}]}',
        '{"answerable": true, "claims": [{"ids": [' + "9" * 5_000 + '], "claim": "A"}]}',
        '{"answerable": true, "claims": [{"ids": [1], "claim": "' + "A" * 200_000 + '"}]}',
        '{"answerable": true, "claims": [],}',
        '{"answerable": true "claims": []}',
    ],
)
def test_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(ProviderCutError):
        read(JsonClaims(), text)
    with pytest.raises(ProviderCutError):
        read(JsonClaims(), *(text[at : at + 7] for at in range(0, len(text), 7)))


def test_too_many_are_left_out_and_counted() -> None:
    many = [{"ids": list(range(1, 100)), "claim": f"Claim {n}."} for n in range(MOST_CLAIMS + 5)]
    reader = JsonClaims()
    claims, _ = read(reader, json.dumps({"answerable": True, "claims": many}))
    assert len(claims) == MOST_CLAIMS
    assert reader.surplus == 5
    assert {len(claim.ids) for claim in claims} == {MOST_IDS}


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("[1, 3] It opened.\n", [WrittenClaim("It opened.", (1, 3))]),
        (
            "\n[1][3] It opened.\n\n- [s2; 2] B.\n",
            [WrittenClaim("It opened.", (1, 3)), WrittenClaim("B.", (2,))],
        ),
        ("```\n[1] It opened.\n```\n", [WrittenClaim("It opened.", (1,))]),
        ("[1] It opened\r\n[2] B.\r\n", [WrittenClaim("It opened", (1,)), WrittenClaim("B.", (2,))]),
    ],
)
def test_plain(text: str, claims: list[WrittenClaim]) -> None:
    assert read(PlainClaims(), text) == (claims, True)
    assert read(PlainClaims(), *text) == (claims, True)


@pytest.mark.parametrize("text", ["NO ANSWER\n", " NO ANSWER.\n", "\n```\nNO ANSWER\n```\n"])
def test_plain_without_an_answer(text: str) -> None:
    assert read(PlainClaims(), text) == ([], False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It opened.\n",
        "Here are the claims:\n[1] It opened.\n",
        "[] It opened.\n",
        "[1]\n",
        "[a] It opened.\n",
        "[1] It opened.",
        "[1] It opened, and then\n",
        "[1] It opened.\nNO ANSWER\n",
        "NO ANSWER\n[1] It opened.\n",
        "```\n[1] It opened.\n",
        "[1] It opened.\n```\n",
        "[1] " + "A" * 5_000 + ".\n",
        "x" * 200_000,
    ],
)
def test_plain_is_strict(text: str) -> None:
    with pytest.raises(ProviderCutError):
        read(PlainClaims(), text)


TEXTS = st.text(max_size=40)
DRAFTS = st.lists(
    st.fixed_dictionaries({"ids": st.lists(st.integers(0, 50), max_size=10), "claim": TEXTS}), max_size=15
)


@given(DRAFTS, st.booleans(), st.lists(st.integers(0, 5_000), max_size=40))
def test_cutting_changes_nothing(
    claims: list[dict[str, object]], ascii_only: bool, places: list[int]
) -> None:
    text = json.dumps({"answerable": True, "claims": claims}, ensure_ascii=ascii_only, indent=len(claims) % 3)
    whole, _ = read(JsonClaims(), text)
    assert read(JsonClaims(), *cut(text, places))[0] == whole
    assert [claim.text for claim in whole] == [claim["claim"] for claim in claims[:MOST_CLAIMS]]


PIECES = st.sampled_from(
    [
        *'{}[]",:`\\ \n1',
        "true",
        "NaN",
        '"ids"',
        '"claim"',
        '"claims"',
        '"answerable"',
        "[1] A.\n",
        ONE,
        "\ud800",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=60), st.booleans())
def test_garbage_gives_one_kind_of_error(pieces: list[str], plain: bool) -> None:
    try:
        claims, _ = read(PlainClaims() if plain else JsonClaims(), *pieces)
    except ProviderCutError:
        return
    assert all(isinstance(claim.text, str) for claim in claims)


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (JsonClaims, '{"answerable": true, "claims": [' + '{"ids": [1], "claim": "}}}}}}"}, ' * 2_500),
        (JsonClaims, '{"answerable": true, "claims": [{"ids": [1], "claim": "' + "}" * 3_900),
        (JsonClaims, " " * 3_900),
        (PlainClaims, "[1] It opened.\n" * 6_000),
        (PlainClaims, "[1] " + "A" * 3_900),
    ],
)
def test_time_does_not_run_away(reader: type[JsonClaims | PlainClaims], text: str) -> None:
    begun = time.perf_counter()
    draft = reader()
    for character in text:
        draft.feed(character)
    assert time.perf_counter() - begun < 5
