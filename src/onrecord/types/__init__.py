"""The data that flows through onrecord: frozen dataclasses, from article to answer.

All offsets are counted in Unicode code points of the article's text: the file decoded as UTF-8 with a leading
byte-order mark removed, so that ``article.text[x.start:x.end]`` is the slice that every type here stands for.
Import from this package, not from its modules.
"""

from onrecord.types.answer import (
    Answer,
    Change,
    Claim,
    Constraint,
    Coverage,
    Limit,
    Part,
    Progress,
    QuestionPart,
    Searched,
    Shift,
    Turn,
)
from onrecord.types.article import Article, DateSpan, Passage, Sentence, SentenceKind
from onrecord.types.filters import NARROWING, Filters, Names, described, read_filters
from onrecord.types.quote import Clip, Hit, OnDisk, Quote, Turning, article_name
from onrecord.types.statement import Mode, SpeakerKind, Statement
from onrecord.types.verdict import DiffWord, Status, Verdict
from onrecord.types.withdrawn import Withdrawn

__all__ = [
    "NARROWING",
    "Answer",
    "Article",
    "Change",
    "Claim",
    "Clip",
    "Constraint",
    "Coverage",
    "DateSpan",
    "DiffWord",
    "Filters",
    "Hit",
    "Limit",
    "Mode",
    "Names",
    "OnDisk",
    "Part",
    "Passage",
    "Progress",
    "QuestionPart",
    "Quote",
    "Searched",
    "Sentence",
    "SentenceKind",
    "Shift",
    "SpeakerKind",
    "Statement",
    "Status",
    "Turn",
    "Turning",
    "Verdict",
    "Withdrawn",
    "article_name",
    "described",
    "read_filters",
]
