"""Error texts of AWS's tools and of those that use them, as they are pasted into `awsenv explain`, with their sources.

A message stands as its tool prints it, since that is what has to be recognised; what surrounds it (names, accounts, paths,
ids, the number of frames) is our own example. The right meaning of each is the id of what explain has to say first.
"""

from __future__ import annotations

from typing import NamedTuple

from support.error_texts import negatives, python_and_cli, sdks, services, tools
from support.error_texts.text import ErrorText

__all__ = ["NEGATIVES", "NEW_MEANINGS", "TEXTS", "ErrorText", "NewMeaning"]

#: Texts that have a meaning.
TEXTS: list[ErrorText] = [*python_and_cli.TEXTS, *sdks.TEXTS, *tools.TEXTS, *services.TEXTS]

#: Texts in which nothing may be recognised.
NEGATIVES: list[ErrorText] = negatives.NEGATIVES


class NewMeaning(NamedTuple):
    """A meaning that explain does not have yet.

    Attributes:
        means: what it means, without the last full stop.
        fix: what to do, without the last full stop.
    """

    means: str
    fix: str


#: id -> what is missing in awsenv.explain.meanings.
NEW_MEANINGS: dict[str, NewMeaning] = {
    "account-mismatch": NewMeaning(
        "the credentials are valid, but of another AWS account than the one that this is for",
        "awsenv assume a profile of the right account; awsenv whoami shows which one is exported",
    ),
    "certificate-time": NewMeaning(
        "the server's TLS certificate is not valid at the time that this machine's clock shows, which mostly means that "
        "the clock is wrong",
        "set the clock; awsenv doctor says how far it is off",
    ),
    "cli-mixed-versions": NewMeaning(
        "the AWS CLI reads the endpoint data of another botocore version; the credentials have nothing to do with it",
        "reinstall or upgrade the AWS CLI",
    ),
    "cluster-unauthorized": NewMeaning(
        "the Kubernetes cluster does not accept who asks: the IAM role or user has no access entry in it, or its session "
        "has expired",
        "awsenv whoami, then compare with the cluster's access entries: aws eks list-access-entries --cluster-name NAME",
    ),
    "codecommit-refused": NewMeaning(
        "CodeCommit rejected the password of git's credential helper: the credentials have expired or are of another "
        "account, or a keychain still holds an old password",
        "awsenv assume PROFILE, and remove git-codecommit from the keychain",
    ),
    "ecr-login": NewMeaning(
        "docker is not signed in to this ECR registry, or its sign-in, which is valid for 12 hours, has expired; new AWS "
        "credentials alone do not change that",
        "aws ecr get-login-password --region REGION | docker login --username AWS --password-stdin REGISTRY",
    ),
    "exec-plugin-failed": NewMeaning(
        "kubectl runs a command to get its token, such as aws eks get-token, and that command failed",
        "run aws eks get-token --cluster-name NAME and explain what it says",
    ),
    "head-bad-request": NewMeaning(
        "S3 answers a HEAD request without a body, so the reason is lost: with 400 Bad Request mostly a session that has "
        "expired, or a bucket in another region",
        "ask again in a way that has an answer: aws s3 ls s3://BUCKET",
    ),
    "head-forbidden": NewMeaning(
        "S3 answers a HEAD request without a body, so the reason is lost: with 403 Forbidden it is no permission, a key or "
        "signature that is not accepted, or an object that does not exist in a bucket that may not be listed",
        "ask again in a way that has an answer: aws s3 ls s3://BUCKET",
    ),
    "saml-expired": NewMeaning(
        "the identity provider's SAML response is too old: it can be used for 5 minutes at most, by the clocks of AWS and of "
        "the provider",
        "sign in at the identity provider again",
    ),
    "saml-refused": NewMeaning(
        "AWS does not accept the identity provider's SAML response: not signed by the provider that the role trusts, or "
        "its certificate has changed",
        "have the SAML provider's metadata in IAM updated",
    ),
    "sdk-part-missing": NewMeaning(
        "the program lacks the part of its SDK that this kind of profile needs, such as SSO or STS",
        "add that package to the program, or give it exported credentials: awsenv exec PROFILE -- COMMAND",
    ),
    "signature-region": NewMeaning(
        "the request was signed for another region than the one whose server was asked; the secret is right",
        "set the region of the bucket or service, and look for an endpoint override: awsenv doctor",
    ),
    "token-not-passed": NewMeaning(
        "the container was given the access key without its session token",
        "pass AWS_SESSION_TOKEN on as well, from a shell in which it is set",
    ),
}
