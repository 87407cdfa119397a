"""Says what an error message of an AWS tool means here and now, and what cures it: of the AWS CLI, an SDK or Terraform,
as words or piped. It knows the messages by their codes, tells those that look alike apart by what the doctor finds in
this shell, and asks nobody unless --online is given. Secrets in the text are never shown.

Without a text it asks for one on a terminal; if you give none, it says what the doctor finds. Exit codes: 0 explained,
1 not known to awsenv (then it says what the doctor finds)."""

from __future__ import annotations

from awsenv.dialects import CHOICES
from awsenv.result import FAILED, GOOD, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.args import Options, Words

__all__ = ["EXAMPLES", "MOST_NAMES", "OPTIONS", "USAGE_LINE", "run"]

USAGE_LINE = "awsenv explain [options] [TEXT or -]"
MOST_NAMES = 10_000  # a message that was not quoted is many words
OPTIONS: Options = {
    "--profile": ("PROFILE", "the error came of this profile, as with aws --profile"),
    "--online": (None, "ask AWS, too, as awsenv doctor does"),
    "--json": (None, "a JSON object, for scripts"),
    "--shell": ("NAME", f"write the cures for this shell: {CHOICES}; else it is detected"),
}
EXAMPLES = """
  aws s3 ls 2>&1 | awsenv explain
  awsenv explain "An error occurred (ExpiredToken) when calling the ListBuckets operation: …"
  awsenv explain                       asks for the message: paste it, and end with an empty line
"""


def run(words: Words, environ: Mapping[str, str], now: int) -> Result:
    """What the text means; AwsenvError for a profile that is not there."""
    import sys

    from awsenv import doctor, explain, streams
    from awsenv.credentials.plan import require
    from awsenv.doctor import report as doctor_report
    from awsenv.doctor.check import NOTE
    from awsenv.doctor.context import Scene
    from awsenv.explain import report
    from awsenv.system import terminal

    text = _text(words.names)
    recognised = explain.recognise(text)
    scene = Scene(dict(environ), now, None, "--online" not in words)
    name = words.get("--profile") or explain.named_in(text)
    if name is not None and scene.unreadable is None:
        if "--profile" in words:
            require(scene.profiles, name)
        if name in scene.profiles:
            scene.named = name
    belonging = [explain.checks_of(one, doctor.CHECKS) for one in recognised]
    wanted = [check for check in doctor.CHECKS if not recognised or any(check in checks for checks in belonging)]
    with terminal.progress() as tell:
        findings = doctor.examine(scene, wanted, tell)
    here = explain.look(scene, recognised)
    explained = [
        explain.explain(one, here, [finding for finding in findings if finding.check in checks])
        for one, checks in zip(recognised, belonging, strict=True)
    ]
    wrong = [finding for finding in findings if finding.severity != NOTE]
    answer = report.Answer(explained, "" if recognised else explain.last_words(text), [] if recognised else wrong)
    code = GOOD if explained or not (answer.unknown or wrong) else FAILED
    shell = doctor_report.shell_of(words.get("--shell"), environ)
    faults = [finding.fault for finding in findings if finding.fault is not None]
    if "--json" in words:
        return Result(out=report.as_json(answer, shell), code=code, faults=faults)
    empty = not text.strip() and sys.stdin is not None and not streams.is_terminal(sys.stdin)
    note = "nothing came through the pipe; errors come with 2>&1 |" if empty else ""
    return Result(
        out=report.as_text(answer, shell, columns=terminal.columns(sys.stdout)), code=code, note=note, faults=faults
    )


def _text(names: list[str]) -> str:
    """The words; with `-`, or without words where stdin is no terminal, what comes over that; else what is pasted."""
    import sys

    from awsenv import streams
    from awsenv.system import terminal

    if names and names != ["-"]:
        return " ".join(names)
    if sys.stdin is None:
        return ""
    if names or not streams.is_terminal(sys.stdin):
        return _decoded(sys.stdin.buffer.read())
    lines: list[str] = []
    try:
        with terminal.conversation() as (answers, questions):
            questions.write("the error message (end with an empty line; none: what the doctor finds here):\n")
            questions.flush()
            for line in answers:
                if not line.strip():
                    break
                lines.append(line)
    except terminal.NoTerminalError:
        return ""
    return "".join(lines)


def _decoded(data: bytes) -> str:
    """Text in the encodings that shells give to a pipe; PowerShell's `>` writes UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:  # what Python's programs write to a pipe: the AWS CLI on Windows, say
        import locale

        return data.decode(locale.getpreferredencoding(False), "replace")
