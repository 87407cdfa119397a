"""The answers of AWS to the doctor's requests: about the exported credentials, and about each profile of a chain."""

from __future__ import annotations

from dataclasses import dataclass

from awsenv.credentials.identity import Answer, Identity, ServiceError
from awsenv.result import AwsenvError

__all__ = ["NOTHING", "Answers", "EndpointProbe", "ProbedHop"]


@dataclass(frozen=True)
class EndpointProbe:
    """The STS of a region, called without credentials.

    Attributes:
        region: the region.
        profile: the profile with that region; None for the exported credentials.
        answer: the result of the call.
    """

    region: str
    profile: str | None
    answer: Answer


@dataclass(frozen=True)
class ProbedHop:
    """A profile of a chain.

    Attributes:
        profile: its name.
        source: the profile whose credentials assume its role; None if it assumes none.
        key: the last four characters of its access key id; empty if no credentials could be obtained.
        expiration: when its credentials expire, in epoch seconds; None if they do not.
        cached: whether they are a cached session.
        answer: the answer of AWS about them; None if they could not be obtained.
        refusal: how AWS refused the request for them.
        error: that refusal as `awsenv assume` reports it.
        skipped: why the doctor must not request them; empty if it may.
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
    """All answers.

    Attributes:
        reached: the STS of each region in question.
        exported: the answer about the exported credentials; None if there are none.
        exported_on_iam: whether IAM accepts them; None if it was not called.
        hops: the chain of the profile in question, beginning with its source; up to where it breaks.
    """

    reached: tuple[EndpointProbe, ...]
    exported: Answer | None
    exported_on_iam: bool | None
    hops: tuple[ProbedHop, ...]

    @property
    def identity(self) -> Identity | None:
        """The identity of the exported credentials; None unless AWS has accepted them."""
        return self.exported.identity if self.exported is not None else None

    @property
    def refusal(self) -> ServiceError | None:
        """How AWS rejected the exported credentials; None unless it has."""
        return self.exported.refusal if self.exported is not None else None

    @property
    def all(self) -> list[Answer]:
        """The answer to every request."""
        answers = [*(probed.answer for probed in self.reached), self.exported, *(hop.answer for hop in self.hops)]
        return [answer for answer in answers if answer is not None]


#: Before any request.
NOTHING = Answers((), None, None, ())
