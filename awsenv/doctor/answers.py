"""What AWS answers to the doctor: about the exported credentials, and about each profile of a chain."""

from __future__ import annotations

from dataclasses import dataclass

from awsenv.credentials.identity import Answer, ServiceError
from awsenv.result import AwsenvError

__all__ = ["NOTHING", "Answers", "EndpointProbe", "ProbedHop"]


@dataclass(frozen=True)
class EndpointProbe:
    """The STS of a region, called without credentials.

    Attributes:
        region: the region.
        profile: the one whose region that is, None for the exported credentials.
        answer: its result.
    """

    region: str
    profile: str | None
    answer: Answer


@dataclass(frozen=True)
class ProbedHop:
    """A profile of a chain.

    Attributes:
        profile: its name.
        source: the one whose credentials assume its role, None if it assumes none.
        key: the last four characters of its access key id, empty if no credentials could be obtained.
        expiration: epoch seconds at which they expire, if they do.
        cached: whether it is a cached session.
        answer: what AWS answers about those credentials, None if they could not be obtained.
        refusal: what AWS answered when they were requested.
        error: the same as `awsenv assume` reports it.
        skipped: why they were not requested, if the doctor must not.
    """

    profile: str
    source: str | None
    key: str = ""
    expiration: int | None = None
    cached: bool = False
    answer: Answer | None = None
    refusal: ServiceError | None = None
    error: AwsenvError | None = None
    skipped: str = ""

    @property
    def rejected(self) -> ServiceError | None:
        """How AWS rejected those credentials."""
        return self.answer.refusal if self.answer is not None else None


@dataclass(frozen=True)
class Answers:
    """What AWS answers.

    Attributes:
        reached: the STS of each region in question.
        exported: what it answers about the exported credentials, None if there are none.
        exported_on_iam: whether IAM accepts them, None if it was not asked.
        hops: the chain of the profile in question, beginning with its source; up to where it breaks.
    """

    reached: tuple[EndpointProbe, ...]
    exported: Answer | None
    exported_on_iam: bool | None
    hops: tuple[ProbedHop, ...]

    @property
    def all(self) -> list[Answer]:
        """Every answer to a request of the doctor."""
        answers = [*(one.answer for one in self.reached), self.exported, *(hop.answer for hop in self.hops)]
        return [answer for answer in answers if answer is not None]


#: Before any request.
NOTHING = Answers((), None, None, ())
