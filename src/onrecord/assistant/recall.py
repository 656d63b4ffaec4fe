"""Recalling: a kept answer as the corpus on disk bears it out now.

What is kept is never changed. What no longer stands in its file is not shown as a quotation again: its
words go, and with them what rested on them.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime

from onrecord.answer.standing import confirmed
from onrecord.index.originals import Originals
from onrecord.types import Answer, OnDisk, Quote, Withdrawn
from onrecord.wording.answer_text import UNCONFIRMED, compose_answer, compose_claims
from onrecord.wording.dates import written_date


def recalled(answer: Answer, originals: Originals, *, at: datetime) -> Answer:
    """Hold the quotations of a kept answer against the corpus as it is on disk now."""
    held = confirmed(originals, (*answer.quotes, *answer.nearest))
    day = written_date(at.date().isoformat(), inferred=False)
    shown = tuple(quote if quote.stands else _withdrawn(quote, day) for quote in held)
    quotes, nearest = shown[: len(answer.quotes)], shown[len(answer.quotes) :]
    gone = {number for number, quote in enumerate(quotes, 1) if not quote.stands}
    claims = tuple(claim for claim in answer.claims if gone.isdisjoint(claim.quotes))
    changes = tuple(change for change in answer.changes if gone.isdisjoint((change.before, change.after)))
    text, searched = answer.text, answer.searched
    if gone:
        searched = replace(searched, coverage=None)
        text = (
            compose_claims(claims, quotes, caveats=answer.caveats)
            if claims
            else compose_answer(quotes, reason=answer.reason, caveats=answer.caveats)
        )
    unknown = any(quote.on_disk is OnDisk.UNKNOWN for quote in shown)
    notice = _noted(answer.notice, unconfirmed=unknown)
    return replace(
        answer,
        text=text,
        quotes=quotes,
        ranked=(),
        nearest=nearest,
        searched=searched,
        claims=claims,
        changes=changes,
        notice=notice,
    )


def _withdrawn(quote: Quote, day: str) -> Withdrawn:
    kept = {each.name: getattr(quote, each.name) for each in fields(quote)}
    return Withdrawn(**{**kept, "text": "", "clips": (), "said_on_basis": None, "given": day})


def _noted(notice: str, *, unconfirmed: bool) -> str:
    """Say once, and only where it is so now, that quotations are unconfirmed."""
    told = " ".join(notice.replace(UNCONFIRMED, "").split())
    return f"{told} {UNCONFIRMED}".lstrip() if unconfirmed else told
