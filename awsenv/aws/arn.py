"""ARNs: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE. (Near the hot path: it imports nothing else.)

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from awsenv import Value

__all__ = ["Arn", "is_role", "parse"]


class Arn(Value):
    """The parts of an ARN.

    Attributes:
        partition: `aws`, `aws-cn`, …
        service: `iam`, `sts`, …
        account: twelve digits; empty for some services.
        resource: the rest: `role/team/Admin`, `assumed-role/Admin/me`.
    """

    partition: str
    service: str
    account: str
    resource: str

    @property
    def role(self) -> str | None:
        """The role's name without its path; None unless this is the ARN of a role or of a role session."""
        kind, _, rest = self.resource.partition("/")
        if self.service == "iam" and kind == "role":
            return rest.rpartition("/")[2] or None
        if self.service == "sts" and kind == "assumed-role":
            return rest.partition("/")[0] or None
        return None

    @property
    def session(self) -> str | None:
        """The name of the role session: `me` of `assumed-role/Admin/me`; None for everything else."""
        parts = self.resource.split("/", 2)
        return parts[2] if self.service == "sts" and parts[0] == "assumed-role" and len(parts) == 3 else None

    @property
    def role_arn(self) -> str | None:
        """The role's ARN; without the role's path if this is the ARN of a role session, which does not have it."""
        if self.role is None:
            return None
        resource = self.resource if self.service == "iam" else f"role/{self.role}"
        return f"arn:{self.partition}:iam::{self.account}:{resource}"


def parse(text: object) -> Arn | None:
    """Return the parts of an ARN of any service; None for anything else."""
    parts = text.split(":", 5) if isinstance(text, str) else []
    if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[5]:
        return None
    return Arn(parts[1], parts[2], parts[4], parts[5])


def is_role(text: str) -> bool:
    """Whether AssumeRole accepts a text as its RoleArn.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    arn = parse(text)
    return (
        arn is not None
        and arn.partition.startswith("aws")
        and arn.service == "iam"
        and len(arn.account) == 12
        and arn.account.isdigit()
        and arn.role is not None
        and text.isascii()
        and not any(character <= " " or character == "\x7f" for character in text)
    )
