"""The codes by which AWS rejects a request, by what they mean: the same fault has another code in each protocol.

https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, and those of EC2, S3 and the JSON protocols.
"""

from __future__ import annotations

__all__ = ["EXPIRED", "SIGNATURE", "UNKNOWN_KEY", "times_of_signature"]

#: The session has expired.
EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")

#: AWS does not know the access key, or the session token does not belong to it.
UNKNOWN_KEY = (
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "InvalidToken",
    "AuthFailure",
)

#: The secret key is wrong, or the request was changed on its way, or the clock is off.
SIGNATURE = ("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature")


def times_of_signature(message: str) -> tuple[int | None, int | None]:
    """When a rejected request was signed, by this machine's clock, and what time it was for AWS then, in epoch seconds.

    Each is None if the message does not say it: "Signature expired: SIGNED is now earlier than LIMIT (NOW - 15 min.)".
    """
    import re

    from awsenv.aws import expiry

    time = r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z"
    signed = re.search(rf"Signature (?:expired|not yet current): {time}", message)
    server = re.search(rf"\({time} [-+] \d+ min\.\)", message)
    at, other = (found and expiry.parse("{}-{}-{}T{}:{}:{}Z".format(*found.groups())) for found in (signed, server))
    return at, other
