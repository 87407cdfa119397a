"""How long to wait for requests and for commands that the user has configured, and the variables that set it."""

from __future__ import annotations

from collections.abc import Mapping

from awsenv.result import USAGE, AwsenvError

__all__ = ["process_timeout", "request_timeouts", "seconds_of"]


def request_timeouts(environ: Mapping[str, str]) -> dict[str, float]:
    """Return `connect_timeout` and `read_timeout`, as botocore calls them, in seconds.

    Raises:
        AwsenvError (2): a variable is not a number.
    """
    return {
        "connect_timeout": seconds_of(environ, "AWSENV_CONNECT_TIMEOUT", 5.0),
        "read_timeout": seconds_of(environ, "AWSENV_READ_TIMEOUT", 20.0),
    }


def process_timeout(environ: Mapping[str, str]) -> float:
    """Return how many seconds a credential_process or mfa_process may take, which may have the user sign in.

    Raises:
        AwsenvError (2): the variable is not a number.
    """
    return seconds_of(environ, "AWSENV_PROCESS_TIMEOUT", 600.0)


def seconds_of(environ: Mapping[str, str], variable: str, default: float) -> float:
    """Return the value of a variable that is a number of seconds.

    Raises:
        AwsenvError (2): it is not a number.
    """
    value = environ.get(variable)
    if not value:
        return default
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise AwsenvError(
            f"{variable} is {value!r}, not a number of seconds", f"unset it: {default:g} is the default", USAGE
        )
    return seconds
