"""Expirations and durations: how tools write them, and how they are shown. (Hot path: neither `re` nor `datetime`.)"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NEAR",
    "ROLE_AT_MOST",
    "SETTINGS",
    "USER_AT_MOST",
    "clock",
    "format_utc",
    "look_at_clock",
    "parse",
    "parse_duration",
    "short",
    "written",
]

#: With fewer seconds left, credentials are "near expiry". botocore and the AWS CLI then renew a session
#: (`CachedCredentialFetcher.DEFAULT_EXPIRY_WINDOW_SECONDS`).
NEAR = 15 * 60

#: The maximum duration in seconds of a role's and of a user's session. (The usual one is in settings.)
ROLE_AT_MOST = 12 * 3600  # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
USER_AT_MOST = 36 * 3600  # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html

#: The settings in which tools write the expiration of the temporary keys of a profile. SDKs ignore all of them.
SETTINGS = (
    "x_security_token_expires",
    "aws_credential_expiration",
    "aws_session_expiration",
    "aws_session_token_expiration",
    "aws_expiration",
    "expiration",
)

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_BEFORE_1970 = 719163  # with 0001-01-01 as day 1
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse(text: str, *, local: bool = False) -> int | None:
    """Return epoch seconds of an ISO 8601 time with a time zone; None for anything else.

    The formats are those of expirations: `2026-11-22T19:39:27Z`, `…+00:00`, `…+0100`, `…UTC` (botocore's JSON cache), a
    space instead of the `T`, fractions of a second (dropped). A time without a zone is ambiguous: awsume writes local
    time, others UTC (README of awsume and of aws-mfa).

    Args:
        text: the time.
        local: whether a time without a zone is this machine's local time, as in awsume's AWSUME_EXPIRATION. C's mktime
            resolves a time that is skipped or repeated when the clocks change.
    """
    text = text.strip()
    if len(text) < 19 or (text[4], text[7], text[13], text[16]) != ("-", "-", ":", ":") or text[10] not in "Tt ":
        return None
    zone = text[19:].lstrip()
    if zone.startswith((".", ",")):
        zone = zone[1:].lstrip("0123456789").lstrip()
    fields = (text[0:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19])
    zoneless = local and not zone
    offset = 0 if zoneless else _zone_offset(zone)
    if offset is None or not all(f.isdigit() and f.isascii() for f in fields):
        return None
    year, month, day, hour, minute, second = map(int, fields)
    if not (year and 1 <= month <= 12 and hour <= 23 and minute <= 59 and second <= 59):
        return None
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= (_DAYS[month - 1] if month != 2 or not leap else 29):
        return None
    if zoneless:
        return _local(year, month, day, hour, minute, second)
    past = year - 1
    days = past * 365 + past // 4 - past // 100 + past // 400 + sum(_DAYS[: month - 1]) + (leap and month > 2) + day
    return (days - _DAYS_BEFORE_1970) * 86400 + hour * 3600 + minute * 60 + second - offset


def written(settings: "Mapping[str, object]", issued: int | None) -> tuple[int | None, str | None, bool]:
    """Return the expiration that a tool has written beside temporary keys.

    One that is not later than the issue time of their token belongs to older keys, and is ignored.

    Args:
        settings: those of the profile with the keys.
        issued: epoch seconds at which the session token was issued; None if unknown.

    Returns:
        Epoch seconds, the setting, and whether it names a time zone; without a zone it is the later of local time and
        UTC. (None, None, True) if no expiration is written.
    """
    for setting in SETTINGS:
        text = settings.get(setting)
        if not isinstance(text, str):
            continue
        exact = parse(text) or _epoch(text.strip())
        times = (exact,) if exact is not None else (parse(text, local=True), parse(f"{text.strip()}Z"))
        latest = max((time for time in times if time is not None), default=None)
        if latest is not None and (issued is None or latest > issued):
            return latest, setting, exact is not None
    return None, None, True


def _epoch(text: str) -> int | None:
    """Return epoch seconds of a number of seconds or milliseconds since 1970, as some tools write it; else None."""
    if not (text.isdigit() and text.isascii() and len(text) in (10, 13)):
        return None
    return int(text[:10])


def _zone_offset(zone: str) -> int | None:
    """Return the seconds east of UTC of `Z`, `UTC`, `GMT`, `+01:00`, `+0100` or `+01`; None for anything else."""
    if zone in ("Z", "z", "UTC", "GMT"):
        return 0
    digits = zone[1:].replace(":", "")
    if zone[:1] not in ("+", "-") or len(digits) not in (2, 4) or not (digits.isdigit() and digits.isascii()):
        return None
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        return None
    offset = hours * 3600 + minutes * 60
    return -offset if zone[0] == "-" else offset


def _local(*fields: int) -> int | None:
    """Return epoch seconds of a local time; None if the C library cannot represent it, as Windows before 1970."""
    import time

    try:
        return int(time.mktime((*fields, 0, 0, -1)))  # type: ignore[arg-type]  # nine numbers
    except (OverflowError, ValueError):
        return None


def format_utc(epoch: int) -> str:
    """Return `YYYY-MM-DDTHH:MM:SSZ`, the only format that botocore, the AWS CLIs, the JS SDK and starship all read."""
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))


def short(seconds: int) -> str:
    """Return a duration as the prompt shows it: `<1m`, `42m`, `1h05m`, `6 days`; rounded down, without a sign."""
    minutes = abs(seconds) // 60
    if minutes < 1:
        return "<1m"
    if minutes >= 100 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}m"


def clock(epoch: int, now: int) -> str:
    """Return a local time of day; with the weekday if it is not today, with the date if it is days away.

    Empty for a time that the C library cannot represent.
    """
    import time

    try:
        then, today = time.localtime(epoch), time.localtime(now)
    except (OverflowError, ValueError, OSError):
        return ""
    if then[:3] == today[:3]:
        return time.strftime("%H:%M", then)
    return time.strftime("%a %H:%M" if abs(epoch - now) < 6 * 86400 else "%Y-%m-%d %H:%M", then)


def parse_duration(text: str) -> int | None:
    """Return the seconds of `3600`, `45s`, `30m`, `8h`, `1h30m` or `1d`; None for anything else."""
    if text.isdigit() and text.isascii():
        return int(text)
    seconds, digits = 0, ""
    for character in text:
        if character in "0123456789":
            digits += character
        elif digits and character in _UNITS:
            seconds += int(digits) * _UNITS[character]
            digits = ""
        else:
            return None
    return seconds if text and not digits else None


def look_at_clock() -> str:
    """Return the command that shows this machine's time. (In cmd, `date` sets it.)"""
    import sys

    return "w32tm /query /status" if sys.platform == "win32" else "date -u"
