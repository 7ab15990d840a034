"""What every event of a feed is made with: what the feed shows, and for whom."""

from __future__ import annotations

from dataclasses import dataclass

from app.models import Course, FeedToken
from app.services.feed_subjects import SubjectKind, subject_of


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed shows and how."""

    kind: SubjectKind
    id: int
    locale: str
    keep_cancelled: bool

    @classmethod
    def of(cls, row: FeedToken) -> Feed:
        subject = subject_of(row)
        return cls(subject.kind, subject.id, row.locale, row.keep_cancelled)

    def uid(self, uid: str) -> str:
        """One client may follow a person and their office: the same shift is two events there."""
        return uid if self.kind is SubjectKind.MEDIATOR else f"{self.kind}.{uid}"

    def title(self, course: Course) -> str:
        return str(course.title_en if self.locale == "en" else course.title_pt)


def one_line(text: str) -> str:
    return ", ".join(part.strip() for part in text.splitlines() if part.strip())
