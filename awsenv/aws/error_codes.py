"""The codes by which AWS rejects a request, by what they mean: the same fault has another code in each protocol.

https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, and those of EC2, S3 and the JSON protocols.
"""

from __future__ import annotations

__all__ = ["ACCESS_DENIED", "CLOCK", "EXPIRED", "SIGNATURE", "THROTTLED", "UNKNOWN_KEY", "clock_offset"]

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

#: The clock of this machine is off.
CLOCK = ("RequestTimeTooSkewed", "RequestExpired")

#: AWS knows who asks, and does not allow it.
ACCESS_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")

#: Too many requests; the same one works later.
THROTTLED = ("Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown")


def clock_offset(message: str) -> int | None:
    """Seconds by which this machine's clock is ahead of AWS's, by the message of a rejected signature; None if that is
    not what is wrong with it. "Signature not yet current: SIGNED is still later than LIMIT (SERVER + 5 min.)" """
    import re

    from awsenv.aws import expiry

    time = r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z"
    found = re.search(rf"Signature (?:expired|not yet current): {time} .*\({time} [+-]", message)
    if found is None:
        return None
    signed, server = (expiry.parse("{}-{}-{}T{}:{}:{}Z".format(*found.groups()[at : at + 6])) for at in (0, 6))
    return None if signed is None or server is None else signed - server
