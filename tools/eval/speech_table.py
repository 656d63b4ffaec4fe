"""The tables on who said what: quotations found, speakers right, turns right, and the commonest errors."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.evaluation.grids import Grid
from tools.eval.attributions import Result
from tools.eval.metrics.content import Found
from tools.eval.metrics.speaker import Accuracy, Verdict
from tools.eval.turns import TurnResult

__all__ = ["attribution_grids", "turns_grid"]

_QUOTATIONS, _SPEAKERS, _TURNS = 0.93, 0.90, 0.98
_ERRORS = 10


def attribution_grids(result: Result, *, part: str) -> dict[str, Grid]:
    """Lay out what was found of the human attributions, the goals, and the ten commonest errors."""
    of = f"polnear, {part} half, {result.documents:,} articles"
    quotations = (
        _found("same span", result.exact),
        _found("at least 80 % overlap", result.near, goal=_QUOTATIONS),
        _found("the same, parts of a longer content left out", result.apart, goal=_QUOTATIONS),
        _found("at least 80 % overlap with what the set flags as direct", result.flagged),
    )
    speakers = (
        _speakers("direct, source named", result.named, goal=_SPEAKERS),
        _speakers("direct", result.direct),
        _speakers("all attributions", result.everything),
    )
    errors = tuple((name, f"{count:,}") for name, count in result.errors.most_common(_ERRORS))
    return {
        "direct quotations": Grid(
            f"direct quotations: {of}", ("", "precision", "recall", "F1", "goal of F1", ""), quotations
        ),
        "speakers": Grid(
            f"speakers: {of}",
            ("", "right", "wrong", "unknown", "missed", "of", "right of found", "goal", ""),
            speakers,
        ),
        "shown": Grid(
            f"statements: {of}",
            ("", "share", "of"),
            (
                (
                    "shown, of any mode, that annotators marked too",
                    _share(result.any.precision),
                    f"{result.any.shown:,}",
                ),
            ),
        ),
        "errors": Grid(f"commonest errors: {of}", ("", "count"), errors),
    }


def _found(name: str, found: Found, *, goal: float | None = None) -> tuple[str, ...]:
    return (name, *map(_share, (found.precision, found.recall, found.f1)), *_judged(found.f1, goal))


def _speakers(name: str, verdicts: Sequence[Verdict], *, goal: float | None = None) -> tuple[str, ...]:
    shares = [_share(verdicts.count(each) / len(verdicts) if verdicts else None) for each in Verdict]
    of_found = Accuracy.of(one for one in verdicts if one is not Verdict.MISSED).share
    judged = _judged(Accuracy.of(verdicts).share, goal)
    return (name, *shares, f"{len(verdicts):,}", _share(of_found), *judged)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def _judged(share: float | None, goal: float | None) -> tuple[str, str]:
    if goal is None:
        return "", ""
    return f"{goal:.2f}", "met" if (share or 0.0) >= goal else "not met"


def turns_grid(result: TurnResult) -> Grid:
    """Lay out how many turns of the briefings went to their speaker, and questions to anybody."""
    share = result.accuracy or 0.0
    credited = f"{result.credited:,} of {result.questions:,}"
    rows = (
        ("turns given to their speaker", f"{share:.4f} of {result.turns:,}", *_judged(share, _TURNS)),
        ("reporters' questions credited", credited, "0", "not met" if result.credited else "met"),
    )
    return Grid(f"turns: wh_briefings, {result.documents:,} transcripts", ("", "measured", "goal", ""), rows)
