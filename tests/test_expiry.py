"""Times and durations, read and written; compared with `datetime`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from awsenv.environment import expiry

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=ZONES)
FRACTIONS = st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=9).map(lambda digits: f".{digits}"))


def offset_of(time: datetime) -> str:
    return time.strftime("%z")[:5]


ZONE_FORMS = {
    "+01:00": lambda time: f"{offset_of(time)[:3]}:{offset_of(time)[3:]}",
    "+0100": offset_of,
    "Z": lambda time: "Z",
    "z": lambda time: "z",
    "UTC": lambda time: "UTC",
    " UTC": lambda time: " UTC",
    "GMT": lambda time: "GMT",
    " +0100": lambda time: f" {offset_of(time)}",
}


@pytest.mark.parametrize("zone", ZONE_FORMS)
@given(time=TIMES, fraction=FRACTIONS, between=st.sampled_from("Tt "), around=st.sampled_from(["", " ", "\n", "\r\n"]))
def test_a_time_with_a_zone_equals_that_of_datetime(
    zone: str, time: datetime, fraction: str, between: str, around: str
) -> None:
    if zone.strip()[0] != "+":
        time = time.astimezone(timezone.utc)
    time = time.replace(microsecond=0)
    text = time.strftime(f"%Y-%m-%d{between}%H:%M:%S") + fraction + ZONE_FORMS[zone](time)
    assert expiry.parse(around + text + around) == int(time.timestamp())


@given(TIMES)
def test_times_written_by_python_are_read(time: datetime) -> None:
    for text in (time.isoformat(), time.isoformat(" "), time.isoformat(timespec="seconds")):
        assert expiry.parse(text) == int(datetime.fromisoformat(text).replace(microsecond=0).timestamp())


@pytest.mark.parametrize(
    ("text", "epoch"),
    [
        pytest.param("2026-11-22T19:39:27Z", 1795376367, id="AWS CLI v1, as on the wire"),
        pytest.param("2026-11-22T19:39:28+00:00", 1795376368, id="AWS CLI v2"),
        pytest.param("2026-11-22T19:39:29UTC", 1795376369, id="botocore's JSONFileCache"),
        pytest.param("2026-11-22T20:39:29.123456+01:00", 1795376369, id="a fraction is dropped"),
        pytest.param("2026-11-22T20:39:29,5+01", 1795376369, id="a comma, a zone in hours"),
        pytest.param("2026-11-22 19:39:29 +0000", 1795376369, id="date -u +'%F %T %z'"),
        pytest.param("1970-01-01T00:00:00Z", 0, id="the epoch"),
        pytest.param("1969-12-31T23:59:59Z", -1, id="before the epoch"),
        pytest.param("2024-02-29T00:00:00Z", 1709164800, id="leap day"),
        pytest.param("2000-03-01T00:00:00Z", 951868800, id="after the leap day of a century"),
        pytest.param("9999-12-31T23:59:59Z", 253402300799, id="the latest"),
    ],
)
def test_the_formats_of_other_tools_are_read(text: str, epoch: int) -> None:
    assert expiry.parse(text) == epoch


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22T19:39:27",  # no zone
        "2026-11-22 19:39:27",
        "2026-11-22T19:39:27.123",
        "2026-11-22",
        "2026-11-22Z",
        "2026-11-22T19:39Z",
        "1795376367",
        "1795376367000",
        "1795376367.5",
        "20261122T193927Z",
        "Sun, 22 Nov 2026 19:39:27 GMT",
        "Sun Nov 22 19:39:27 UTC 2026",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00 CET",
        "2026-01-01T00:00:00+1",
        "2026-01-01T00:00:00+010",
        "2026-01-01T00:00:00Zulu",
        "2026-01-01T00:00:00Z Z",
        "\u0662\u0660\u0662\u0666-01-01T00:00:00Z",
        "\uff12\uff10\uff12\uff16-01-01T00:00:00Z",
        "\u00b2\u2070\u00b2\u2076-01-01T00:00:00Z",
        "-026-01-01T00:00:00Z",
        "+026-01-01T00:00:00Z",
        "2026-+1-01T00:00:00Z",
        "2026- 1-01T00:00:00Z",
        "2026-01-01T00:00:00+\u0660\u0661:00",
        "null",
        "None",
        "x[$(touch CANARY)]",
    ],
)
def test_an_incomplete_time_is_none(text: str) -> None:
    assert expiry.parse(text) is None


DIGITS = r"[0-9]{4}-[01][0-9]-[0-3][0-9]T([01][0-9]|2[0-35-9]):[0-6][0-9]:[0-5][0-9](\+00:00|[+-][0-2][0-9]:[0-5][0-9])"


@given(st.from_regex(DIGITS, fullmatch=True))
@example("2025-02-29T00:00:00+00:00")
@example("2026-02-30T00:00:00+00:00")
@example("2026-04-31T00:00:00+00:00")
@example("0000-01-01T00:00:00+00:00")
@example("2026-01-01T00:00:00+24:00")
@example("2026-01-01T24:30:00+00:00")
def test_a_time_outside_the_calendar_is_none(text: str) -> None:
    """botocore rejects it, too: a time that only awsenv accepted would fail in every SDK."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        assert expiry.parse(text) is None
    else:
        seconds = (time.replace(tzinfo=timezone.utc) - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds()
        assert expiry.parse(text) == int(seconds - (time.utcoffset() or timedelta()).total_seconds())


ALMOST = st.tuples(
    st.from_regex(r"[0-9]{4}[-/][0-9 ]{2}-[0-9]{2}[T _][0-9]{2}:[0-9]{2}[:.][0-9]{2}", fullmatch=True), st.text()
).map("".join)


@given(st.one_of(st.text(), ALMOST))
def test_no_text_raises(text: str) -> None:
    parsed = expiry.parse(text)
    assert parsed is None or isinstance(parsed, int)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)))
def test_a_naive_time_is_none(time: datetime) -> None:
    assert expiry.parse(time.isoformat()) is None


@contextmanager
def clock_in(zone: str) -> Iterator[None]:
    """Set the local time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


# in POSIX's format (IEEE 1003.1, 8.3), which needs no time zone database
PLACES = {
    "UTC": "UTC0",
    "Kolkata": "IST-5:30",
    "Kathmandu": "<+0545>-5:45",
    "Berlin": "CET-1CEST,M3.5.0,M10.5.0/3",
    "New York": "EST5EDT,M3.2.0,M11.1.0",
    "Lord Howe, half an hour of summer time": "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "Kiritimati": "<+14>-14",
}


@pytest.fixture(params=PLACES.values(), ids=PLACES)
def place(request: pytest.FixtureRequest) -> Iterator[None]:
    with clock_in(request.param):
        yield


@pytest.mark.usefixtures("place")
@given(st.datetimes(datetime(1971, 1, 1), datetime(2037, 12, 30)), st.sampled_from("T "), FRACTIONS)
def test_a_time_without_a_zone_can_be_local_time(when: datetime, between: str, fraction: str) -> None:
    when = when.replace(microsecond=0)
    possible = {int(when.replace(fold=fold).timestamp()) for fold in (0, 1)}  # two when the clock is set back
    text = when.strftime(f"%Y-%m-%d{between}%H:%M:%S") + fraction
    assert expiry.parse(text, local=True) in possible
    assert expiry.parse(text) is None


@pytest.mark.usefixtures("place")
@given(TIMES)
def test_an_explicit_zone_overrides_the_local_one(when: datetime) -> None:
    assert expiry.parse(when.isoformat(), local=True) == expiry.parse(when.isoformat()) == int(when.timestamp() // 1)


@pytest.mark.parametrize(
    ("zone", "text", "utc"),
    [
        pytest.param(PLACES["Berlin"], "2026-11-22T20:39:27", "2026-11-22T19:39:27Z", id="as awsume writes it, winter"),
        pytest.param(PLACES["Berlin"], "2026-07-22T20:39:27", "2026-07-22T18:39:27Z", id="summer"),
        pytest.param(PLACES["Berlin"], "2026-03-29 03:00:00", "2026-03-29T01:00:00Z", id="the hour after the skipped"),
        pytest.param(
            PLACES["Kolkata"], "2026-11-22 01:09:27", "2026-11-21T19:39:27Z", id="half an hour, the day before"
        ),
        pytest.param(PLACES["New York"], "2026-11-22T20:39:27.9", "2026-11-23T01:39:27Z", id="the next day"),
        pytest.param(PLACES["New York"], " 2026-11-22t20:39:27,123\n", "2026-11-23T01:39:27Z", id="blanks around it"),
    ],
)
def test_a_local_time_is_read_in_its_zone(zone: str, text: str, utc: str) -> None:
    with clock_in(zone):
        assert expiry.parse(text, local=True) == expiry.parse(utc)
        assert expiry.parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "None",  # as awsume writes it
        "2026-11-22",
        "2026-11-22T20:39",
        "2026-02-29T20:39:27",
        "2026-11-31T20:39:27",
        "2026-13-22T20:39:27",
        "2026-11-22T24:00:00",
        "2026-11-22T20:60:27",
        "2026-11-22T20:39:60",
        "0000-11-22T20:39:27",
        "2026-11-22T20:39:27 CET",
        "2026-11-22T20:39:27+1",
        "\u0662\u0660\u0662\u0666-01-01T00:00:00",
    ],
)
def test_an_incomplete_local_time_is_none(text: str) -> None:
    """For example mktime would make the first of March of a 29 February in an ordinary year."""
    assert expiry.parse(text, local=True) is None


@pytest.mark.usefixtures("place")
@given(st.one_of(st.text(), ALMOST, st.datetimes().map(str)))
def test_no_text_raises_as_local_time(text: str) -> None:
    parsed = expiry.parse(text, local=True)
    assert parsed is None or isinstance(parsed, int)


@given(st.integers(0, 4102444800))
def test_a_written_time_is_read_back(epoch: int) -> None:
    text = expiry.format_utc(epoch)
    assert text == datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert expiry.parse(text) == epoch


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "<1m"),
        (59, "<1m"),
        (60, "1m"),
        (119, "1m"),
        (42 * 60, "42m"),
        (59 * 60 + 59, "59m"),
        (3600, "1h00m"),
        (3900, "1h05m"),
        (12 * 3600 - 1, "11h59m"),
        (36 * 3600, "36h00m"),
        (100 * 3600 - 1, "99h59m"),
        (100 * 3600, "4 days"),
        (-7 * 86400 - 9, "7 days"),
        (-59, "<1m"),
        (-61, "1m"),
        (-3900, "1h05m"),
    ],
)
def test_a_duration_is_written_in_whole_minutes_and_a_long_one_in_days(seconds: int, expected: str) -> None:
    assert expiry.short(seconds) == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3600", 3600),
        ("0", 0),
        ("45s", 45),
        ("30m", 1800),
        ("8h", 28800),
        ("1h30m", 5400),
        ("1h05m", 3900),
        ("1d", 86400),
        ("1d2h3m4s", 93784),
        ("", None),
        ("h", None),
        ("m30", None),
        ("30 m", None),
        (" 30m", None),
        ("30m ", None),
        ("1h30", None),
        ("-5m", None),
        ("-300", None),
        ("1.5h", None),
        ("1e3", None),
        ("0x10", None),
        ("1_000", None),
        ("30M", None),
        ("30min", None),
        ("1w", None),
        ("\u0663\u0660", None),
        ("\u0663\u0660m", None),
        ("\u00b2", None),
    ],
)
def test_a_duration_is_read(text: str, seconds: int | None) -> None:
    assert expiry.parse_duration(text) == seconds


@given(st.integers(60, 100 * 3600 - 1))
def test_a_written_duration_is_read_back_in_whole_minutes(seconds: int) -> None:
    assert expiry.parse_duration(expiry.short(seconds)) == seconds // 60 * 60


@given(st.text(alphabet=st.sampled_from("0123456789smhd-. \u00b2\u0663x")))
def test_no_duration_raises(text: str) -> None:
    parsed = expiry.parse_duration(text)
    assert parsed is None or parsed >= 0
