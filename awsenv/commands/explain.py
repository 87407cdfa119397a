"""`awsenv explain`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from awsenv import streams
from awsenv.args import Args, Command, Options
from awsenv.dialects import CHOICES
from awsenv.environment import UNSET
from awsenv.result import FAILED, GOOD, Result
from awsenv.system import terminal

if TYPE_CHECKING:
    from awsenv.aws.config_files import Profiles
    from awsenv.doctor.context import Context
    from awsenv.explain import Recognised

OPTIONS: Options = {
    "--profile": ("PROFILE", "the profile of the command that failed, as with aws --profile"),
    "--online": (None, "call AWS, too, as awsenv doctor does"),
    "--json": (None, "a JSON object, for scripts"),
    "--shell": ("NAME", f"write the fixes for this shell: {CHOICES}; else it is detected"),
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Explain the text; AwsenvError for a profile that does not exist."""
    from awsenv import doctor, explain
    from awsenv.doctor.check import NOTE
    from awsenv.doctor.context import Context
    from awsenv.explain import report
    from awsenv.report.fixes import shell_of

    text = _text(args.positionals)
    recognised = explain.recognise(text)
    piped = args.positionals in ([], ["-"]) and sys.stdin is not None and not streams.is_terminal(sys.stdin)
    if not recognised and piped and explain.is_success(text):
        nothing = "the piped text contains no error message\n"
        return Result(out=report.as_json(report.Answer([], "", []), "") if "--json" in args else nothing)
    context = Context(dict(environ), now, None, "--online" not in args)
    _set_profile(context, args.get("--profile"), text, recognised)
    checks_of = [explain.checks_of(one, doctor.CHECKS) for one in recognised]
    wanted = [check for check in doctor.CHECKS if not recognised or any(check in checks for checks in checks_of)]
    with terminal.progress() as progress:
        findings = doctor.examine(context, wanted, progress)
    state = explain.inspect(context, recognised, text)
    explained = [
        explain.explain(one, state, [finding for finding in findings if finding.check in checks])
        for one, checks in zip(recognised, checks_of, strict=True)
    ]
    wrong = [finding for finding in findings if finding.severity != NOTE]
    answer = report.Answer(explained, "" if recognised else explain.unknown_message(text), [] if recognised else wrong)
    shell = shell_of(args.get("--shell"), environ)
    if "--json" in args:
        out = report.as_json(answer, shell)
    else:
        out = report.as_text(answer, shell, columns=terminal.columns(sys.stdout))
    return Result(
        out=out,
        code=GOOD if explained or not (answer.unknown or wrong) else FAILED,
        note="nothing came through the pipe; type COMMAND 2>&1 | awsenv explain" if piped and not text.strip() else "",
        faults=[finding.fault for finding in findings if finding.fault is not None],
    )


def _set_profile(context: Context, option: str | None, text: str, recognised: Sequence[Recognised]) -> None:
    """Point the context at the profile of the command that failed, if the option or the text names one."""
    from awsenv import explain
    from awsenv.credentials.plan import require

    name = option or explain.named_in(text)
    if name is not None and context.unreadable is None:
        if option is not None:
            require(context.profiles, name)
        if name in context.profiles:
            context.named = name
            if option is not None or "--profile" in text:
                context.environ = _beside_profile_option(context.environ, name, context.profiles)
    elif recognised and all(one.meaning.of_profile for one in recognised):
        context.named = explain.profile_of(text, context)


def _beside_profile_option(environ: Mapping[str, str], name: str, profiles: Profiles) -> Mapping[str, str]:
    """Return the environment without what AWS tools ignore beside --profile: exported credentials."""
    if profiles.take_keys_from_environment(profiles.source_chain(name)):
        return environ
    return {name: value for name, value in environ.items() if name not in UNSET}


def _text(args: list[str]) -> str:
    """Return the arguments as text; for `-`, or without arguments, what is piped or pasted."""
    if args and args != ["-"]:
        return " ".join(args)
    if sys.stdin is None:
        return ""
    if args or not streams.is_terminal(sys.stdin):
        return _decoded(sys.stdin.buffer.read())
    lines: list[str] = []
    try:
        with terminal.conversation() as (answers, questions):
            questions.write("paste the error message, then press Enter twice (Enter alone: what the doctor finds):\n")
            questions.flush()
            for line in answers:
                if not line.strip():
                    break
                lines.append(line)
    except terminal.NoTerminalError:
        return ""
    return "".join(lines)


def _decoded(data: bytes) -> str:
    """Decode piped text by the encodings that shells use; PowerShell's `>` writes UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:  # as Python programs write to a pipe on Windows, such as the AWS CLI
        import locale

        return data.decode(locale.getpreferredencoding(False), "replace")


COMMAND = Command(
    usage="awsenv explain [options] [TEXT or -]",
    description="""
Says what an error message of the AWS CLI, an SDK, Terraform or another AWS tool means here and now, and what fixes it.
The message is given as arguments or piped. It is recognised by its codes and texts; similar ones are distinguished by
what the doctor finds in this shell. It makes no network request unless --online is given. Secrets in the text are never
shown.

Without a text it prompts for one on a terminal; if you give none, it says what the doctor finds. Exit codes: 0
explained, or the piped output of a command that worked; 1 not known to awsenv (then it says what the doctor finds).
""",
    options=OPTIONS,
    max_positionals=10_000,  # an unquoted message is many arguments
    examples="""
  aws s3 ls 2>&1 | awsenv explain
  awsenv explain "An error occurred (ExpiredToken) when calling the …"
  awsenv explain                       asks for the message: paste it, and end with an empty line
""",
    run=run,
)
