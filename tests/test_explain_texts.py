"""explain: the texts of tests/support/error_texts, each with its meaning, and texts without one."""

from __future__ import annotations

import time

import pytest
from support.error_texts import NEGATIVES, TEXTS, ErrorText

from awsenv.explain import is_success, recognise, unknown_message
from awsenv.explain.meanings import MEANINGS
from awsenv.explain.recognition import plain


def id_of(text: ErrorText) -> str:
    args = "".join(letter if letter.isascii() and letter.isprintable() else " " for letter in text.text).split()
    return f"{text.tool} {text.version} {' '.join(args)[-50:]}"


# --- the table --------------------------------------------------------------------------------------------------------


def test_every_text_is_unique_and_has_a_source_and_a_known_meaning() -> None:
    known = {meaning.id for meaning in MEANINGS}
    assert len(TEXTS) >= 300
    assert len(NEGATIVES) >= 60
    assert len({one.text for one in [*TEXTS, *NEGATIVES]}) == len(TEXTS) + len(NEGATIVES)
    for one in TEXTS:
        assert one.tool and one.meaning in known, one
        assert one.source.startswith("https://") or "/" in one.source.partition(" ")[0], one
        assert one.source == one.source.strip(), one
    for one in NEGATIVES:
        assert one.meaning is None and one.source, one


def test_every_meaning_has_a_text() -> None:
    assert {meaning.id for meaning in MEANINGS} == {one.meaning for one in TEXTS}


# --- the answer of explain --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", TEXTS, ids=id_of)
def test_the_meaning_of_the_text_comes_first(one: ErrorText) -> None:
    errors = recognise(one.text)
    ids = [error.meaning.id for error in errors]
    assert ids[:1] == [one.meaning]
    assert len(ids) == 1 or set(ids) == {
        "credential-process",
        "unreachable",
    }  # some of its messages contain the other's
    assert errors[0].matched in " ".join(one.text.replace("│", " ").split()) or "\x1b" in one.text


@pytest.mark.parametrize("one", TEXTS[::7], ids=id_of)
@pytest.mark.parametrize(
    "around",
    ["2026-11-26T10:15:00.123Z [app-1] {}", "\x1b[31m{}\x1b[0m", "$ ./deploy.sh\nstarting\n{}\nexit status 1\n"],
    ids=["a log", "colors", "a terminal"],
)
def test_surrounding_text_does_not_matter(around: str, one: ErrorText) -> None:
    if one.text.startswith(("'", "aws: [ERROR]: '", "[SSL: ")):  # recognised only alone, as the CLI prints it
        return
    text = around.format(one.text)
    assert [error.meaning.id for error in recognise(text)[:1]] == [one.meaning]
    assert [error.meaning.id for error in recognise(text.replace("\n", "\r\n"))[:1]] == [one.meaning]


@pytest.mark.parametrize("one", NEGATIVES, ids=id_of)
def test_meaningless_text_is_not_recognised(one: ErrorText) -> None:
    assert recognise(one.text) == []


@pytest.mark.parametrize("one", [one for one in NEGATIVES if one.tool == "success"], ids=id_of)
def test_the_output_of_a_successful_command_is_not_an_error(one: ErrorText) -> None:
    assert is_success(one.text)


@pytest.mark.parametrize("one", [*TEXTS, *(one for one in NEGATIVES if one.tool == "other errors")], ids=id_of)
def test_an_error_is_not_taken_for_output_of_a_successful_command(one: ErrorText) -> None:
    assert recognise(one.text) or not is_success(one.text)


@pytest.mark.parametrize(
    "part",
    [
        "ExpiredToken ",
        "amazonaws ",
        "dial tcp ",
        "no credentials ",
        "git-codecommit",
        "ecr ",
        "profile ",
        "'",
        "AWS calls for account ",
    ],
)
def test_a_long_line_is_quick_to_read(part: str) -> None:
    """In seconds; a pattern that is quadratic in the line's length takes minutes."""
    start = time.process_time()
    recognise(part * (300_000 // len(part)))
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-26T10:15:00.123Z [app] INFO AWS request of profile credentials failed token session region {}\n",
        "  File 'upload.py', line {}, in upload\n    client.upload_file(source, bucket, key, Callback=progress(source))\n",
    ],
    ids=["a log", "a traceback"],
)
def test_a_text_of_a_megabyte_is_read_quickly(line: str) -> None:
    lines = "".join(line.format(number) for number in range(10_000))
    text = f"{lines}ExpiredToken: The provided token has expired\n{lines}"
    start = time.process_time()
    assert [one.meaning.id for one in recognise(text)] == ["expired"]
    assert time.process_time() - start < 10


def test_the_hint_of_each_text_is_in_what_it_matches() -> None:
    """Otherwise the pattern would never be tried."""
    texts = [" ".join(plain(one.text).lower().split()) for one in TEXTS]
    patterns = [one for known in MEANINGS for one in (*known.texts, *known.common, *known.wrappers, *known.vague)]
    for pattern in patterns:
        for text in texts:
            assert pattern.hint in text or pattern.regex.search(text) is None, pattern.source
    assert sum(not pattern.hint for pattern in patterns) <= 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("com.example.BrokenException: no such thing\n\tat com.example.Main.main(Main.java:3)", "com.example.BrokenException: no such thing"),
        ("Error: no such thing\n    at main (/srv/app/index.js:3:7)\n\nNode.js v20.11.1", "Error: no such thing"),
        ('Traceback (most recent call last):\n  File "error.py", line 3\nBrokenError: no such thing\n', "BrokenError: no such thing"),
        ('Traceback (most recent call last):\n  File "a.py", line 3\n    raise ValueError("invalid")\n    ^^^^^\nValueError: x\n', "ValueError: x"),
        ("Unhandled exception. System.Exception: no such thing\n   at Main()", "Unhandled exception. System.Exception: no such thing"),
        ("panic: no such thing\n\ngoroutine 1 [running]:", "panic: no such thing"),
        ("\x1b[31merror\x1b[0m: no such thing\n0 errors\n", "error: no such thing"),
        ("starting\nthe sky is blue\n", "the sky is blue"),
        ("", ""),
    ],
    ids=["Java", "JavaScript", "Python", "Python's source", ".NET", "Go", "colors", "no error", "nothing"],
)  # fmt: skip
def test_an_unknown_error_is_shown_by_its_message_not_by_a_stack_frame(text: str, message: str) -> None:
    assert unknown_message(text) == message


# --- the form of a message --------------------------------------------------------------------------------------------

MESSAGES = {
    "ExpiredToken: The provided token has expired.": "expired",
    "InvalidClientTokenId: The security token included in the request is invalid.": "unknown-key",
    "AccessDenied: User: arn:aws:iam::1:user/u is not authorized to perform: sts:AssumeRole on resource: x": "role-denied",
    "NoCredentialProviders: no valid providers in chain": "no-credentials",
}
FORMS = {
    "JSON": '{{"level":"error","msg":"put object","err":"{}\\n\\tstatus code: 400, request id: 1"}}',
    "JSON in JSON": '{{"log":"{{\\"error\\":\\"{}\\"}}\\n","stream":"stderr","time":"2026-11-26T10:15:00Z"}}',
    "logfmt": 'time="2026-11-26T10:15:00Z" level=error msg="failed" error="{}\\n\\tstatus code: 403"',
    "HTML": "<pre>Uncaught exception: &quot;{}&quot; in /srv/app.php</pre>",
    "syslog": "Nov 26 10:15:00 host app[42]: {}",
    "Java": 'Exception in thread "main" com.example.BrokenException: {}\n\tat com.example.Main.main(Main.java:3)\n\t... 3 more',
    "Go": "panic: {}\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:3 +0x1d",
    ".NET": "Unhandled exception. Amazon.Runtime.AmazonServiceException: {}\n   at Amazon.Runtime.Internal.Run()",
    "Python": 'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\nClientError: {}',
    "Rust": "Error: Unhandled(Unhandled {{ source: ErrorMetadata {{ message: Some(\"{}\") }} }})",
    "a GitHub job": "2026-11-26T10:15:00.1234567Z ##[error]{}",
    "a frame": "╷\n│ Error: configuring the provider\n│\n│ {}\n╵",
    "escaped colours": '{{"msg":"\\u001b[31m{}\\u001b[0m"}}',
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(("message", "meaning"), MESSAGES.items(), ids=MESSAGES.values())
def test_the_form_of_a_message_does_not_matter(form: str, message: str, meaning: str) -> None:
    assert [one.meaning.id for one in recognise(form.format(message))] == [meaning]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("ExpiredToken", "expired"),
        ("aws: [ERROR]: An error occurred (IDPCommunicationError) when calling the Op operation: …", "identity-provider-silent"),
        ("GetCallerIdentityオペレーションの呼び出し中にエラー(InvalidClientTokenId)が発生しました", "unknown-key"),
        ("エラーが発生しました（ExpiredToken）", "expired"),  # noqa: RUF001
        ("Beim Aufruf der Operation ListBuckets ist ein Fehler aufgetreten (RequestTimeTooSkewed)", "clock"),
    ],
    ids=["alone", "in another message", "in Japanese", "in wide parentheses", "in German"],
)  # fmt: skip
def test_a_code_is_recognised_without_its_message(text: str, meaning: str) -> None:
    assert [one.meaning.id for one in recognise(text)] == [meaning]


@pytest.mark.parametrize(
    "text",
    [
        '{"Stacks": [{"StackStatusReason": "The following resource(s) failed to create: [Role]"}]}',
        '[{"name": "error-handler", "state": "failed"}]',
        "Ran 12 tests, 0 errors, 0 failed",
        "{'FailedEntryCount': 0, 'Entries': []}",
        "upload: ./error.txt to s3://team-data/error.txt",
    ],
)
def test_parts_of_errors_in_the_output_of_a_successful_command_do_not_make_it_one(text: str) -> None:
    assert recognise(text) == []
    assert is_success(text)


@pytest.mark.parametrize("text", ['{"message": "no such thing"}', '{"error": "invalid"}', "1 error: invalid"])
def test_an_error_in_json_is_one(text: str) -> None:
    assert not is_success(text)
