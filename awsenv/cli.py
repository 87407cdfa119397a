"""The entry point: arguments in, exit code out. All printing is done here, and every error ends here."""

import os
import sys

# `signal` itself imports enum, which takes 5 ms
from _signal import SIG_IGN, SIGINT, default_int_handler, signal  # type: ignore[import-not-found]

from awsenv import answers_shell, streams
from awsenv.commands import find
from awsenv.result import FAILED, GOOD, INTERRUPTED, AwsenvError, Result, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType
    from typing import NoReturn

    from awsenv.args import Args, Command
    from awsenv.dialects import Dialect
    from awsenv.environment import Change

__all__ = ["main"]

NO_STDOUT = "stdout is closed, so there is nowhere to write the result"


class Invocation:
    """One call of awsenv: its arguments, and the dialect in which a snippet or its failure is written."""

    def __init__(self, arguments: "Sequence[str]", environ: "Mapping[str, str]") -> None:
        self.debug = "--debug" in arguments
        self.arguments = arguments[1:] if arguments[:1] == ["--debug"] else arguments
        self.environ = environ
        self.dialect: Dialect | None = None
        self.is_integrated = False
        self.now = 0  # epoch seconds, once the command runs
        self.too_early: Callable[[int, FrameType | None], object] = default_int_handler

    def answer(self) -> int:
        """Run the command, print its result, and return the exit code."""
        try:
            if sys.stdout is None and self.arguments[:1] != ["exec"]:  # its command may not need stdout
                raise AwsenvError(NO_STDOUT)
            return self.write(self.result())
        except BrokenPipeError:
            return GOOD  # the reader of stdout has seen enough
        except KeyboardInterrupt:  # only where a command handles signals itself (the demo)
            return self.fail("interrupted", INTERRUPTED)
        except Exception as error:
            if self.debug:
                self.show_traceback(error)
            if isinstance(error, AwsenvError):
                return self.fail(str(self.translated(error)), error.code)
            fix = "this is a bug in awsenv; rerun with --debug and report it"
            return self.fail(f"unexpected {type(error).__name__}: {fix}", FAILED)

    def result(self) -> Result:
        """Run the command.

        Raises:
            AwsenvError: it failed.
        """
        first, *rest = self.arguments or ["--help"]
        if first in ("-h", "--help", "help"):  # never evaluated by a shell
            from awsenv.commands import _help

            return Result(out=_help.on(rest[0] if first == "help" and rest else None, self.environ))
        if first in ("-V", "--version", "version"):
            from awsenv import __version__

            return Result(out=f"awsenv {__version__}\n")
        try:
            command, args = self.parse()
        except AwsenvError:
            self.guess_dialect()
            raise
        if "--help" in args:
            from awsenv.commands._help import help_of

            return self.help(help_of(command))
        if self.dialect is not None and streams.is_terminal(sys.stdout):
            raise not_integrated(args.get("--shell"), self.arguments, self.environ)
        import time

        self.now = int(time.time())
        result = command.run(args, self.environ, self.now)
        if self.dialect is not None and result.change is not None:
            result.change = self.dialect.amend(result.change, self.environ, self.now)
        return result

    def parse(self) -> "tuple[Command, Args]":
        """Find the command and parse its arguments; set the dialect if a shell evaluates the result."""
        from awsenv.args import parse

        name = self.arguments[0]
        command = find(name)
        takes_profile = "PROFILE" in command.usage
        args = parse(name, self.arguments[1:], command.options, command.max_positionals, takes_profile=takes_profile)
        if answers_shell(name, args.options):
            named = args.get("--shell")
            self.dialect = dialect_of(named, self.environ)
            self.is_integrated = (named or "").startswith("awsenv.")
        return command, args

    def guess_dialect(self) -> None:
        """Set the dialect for a failure before the arguments are parsed, so that an evaluating shell sees it."""
        from awsenv import dialects
        from awsenv.commands import COMMANDS

        command = self.arguments[0] if self.arguments else ""
        if self.dialect is not None or (command in COMMANDS and not answers_shell(command, self.arguments)):
            return
        if any(argument.startswith("--format") for argument in self.arguments):
            return
        pairs = zip(self.arguments, self.arguments[1:], strict=False)
        named = [value for option, value in pairs if option == "--shell"]
        self.dialect = dialects.load("sh")
        for name in (*named, None):
            try:
                self.dialect = dialect_of(name, self.environ)
            except AwsenvError:
                continue
            return

    def help(self, text: str) -> Result:
        """Return help for stdout; where a shell evaluates stdout, as a statement that shows it."""
        from awsenv.system import pipes

        if self.dialect is None or not pipes.is_evaluated():
            return Result(out=text)
        statement = self.dialect.print_stderr(text)
        if not statement:
            streams.say(text)
        return Result(out=f"{statement}\n" if statement else "")

    def translated(self, error: AwsenvError) -> AwsenvError:
        """Translate the fix of an error from POSIX syntax to that of the calling shell."""
        if not any(mark in error.fix for mark in ("'", "unset ", "export ")):
            return error
        from awsenv import dialects

        dialect = dialects.load(dialects.likely(self.environ))
        return AwsenvError(error.what, dialect.translate_fix(error.fix), error.code)

    def write(self, result: Result) -> int:
        """Write the result to stdout and stderr, and return the exit code."""
        if self.debug:
            for fault in result.faults:
                self.show_traceback(fault)
        if result.report:
            streams.say(result.report)
        out = result.out
        note = f"awsenv: {printable(result.note)}" if result.note and streams.is_terminal(sys.stderr) else ""
        if result.change is not None and self.dialect is not None:
            from awsenv import dialects

            after = self.prompt_state(result.change, renewable=result.renewable)
            if note and self.dialect.can_refuse and streams.is_captured(sys.stdout):
                after.append(self.dialect.print_stderr(note))
                note = ""
            out += dialects.write(self.dialect, result.change, whole=result.whole, after=after)
            if result.code != GOOD:
                out += dialects.fail(self.dialect, result.code)
        if out:
            # from here on, a Ctrl-C would leave half a snippet to be evaluated
            signal(SIGINT, SIG_IGN)
            put(out, result.encoding)
        if note:
            streams.say(f"{note}\n")
        return result.code

    def prompt_state(self, change: "Change", *, renewable: bool) -> list[str]:
        """Return the statements with what an integrated shell's hook shows after the change."""
        if not self.is_integrated or self.dialect is None or not self.dialect.has_state:
            return []
        from awsenv.dialects import assignments
        from awsenv.environment import applied
        from awsenv.environment.state import state_of

        state = state_of(applied(self.environ, change), None if renewable else self.now, today=self.now)
        return assignments(self.dialect, state.variables())

    def fail(self, line: str, code: int) -> int:
        """Write one line to stderr, and to stdout a statement that makes the evaluating shell see the failure."""
        signal(SIGINT, SIG_IGN)
        streams.say(f"awsenv: {line}\n")
        if self.dialect is not None and sys.stdout is not None and not streams.is_terminal(sys.stdout):
            from awsenv import dialects

            try:
                put(dialects.fail(self.dialect, code))
            except (AwsenvError, OSError):
                return code  # there is no other way to report it
        return code

    def interrupted(self, signal_number: int, frame: "FrameType | None") -> "NoReturn":
        """Handle Ctrl-C before anything is written: report the failure and exit, without unwinding or a traceback."""
        try:
            self.guess_dialect()
            if self.dialect is not None:
                self.dialect.fail(INTERRUPTED)
        except Exception:  # the modules it needs may be half imported
            self.too_early(signal_number, frame)
        os._exit(self.fail("interrupted, nothing was changed", INTERRUPTED))

    def show_traceback(self, error: BaseException) -> None:
        from awsenv.system import redaction

        streams.say(redaction.traceback_of(error, self.environ))


def dialect_of(named: str | None, environ: "Mapping[str, str]") -> "Dialect":
    """Return the dialect that `--shell` names, else that of the calling shell."""
    from awsenv import dialects

    return dialects.load(named or dialects.detect(environ))


def main() -> "NoReturn":
    """Run the console script."""
    # a copy: os.environ changes while botocore runs
    invocation = Invocation(sys.argv[1:], dict(os.environ))
    before = signal(SIGINT, invocation.interrupted)
    if callable(before):
        invocation.too_early = before
    else:  # ignored
        signal(SIGINT, before)
    code = invocation.answer()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        pass
    os._exit(code)  # shutting the interpreter down takes a tenth of the time of a cached `assume`


def not_integrated(named: str | None, arguments: "Sequence[str]", environ: "Mapping[str, str]") -> AwsenvError:
    """Return the error that replaces a snippet on a terminal: it says which line to type."""
    import shutil

    from awsenv.dialects import lines
    from awsenv.program import program

    name = "awsenv" if shutil.which("awsenv") else program()
    dialect = dialect_of(named, environ)
    install = lines.typed((name, "install"), dialect.quote)
    return AwsenvError(
        "a program cannot change the shell that started it",
        f"type: {dialect.raw_line((name, *arguments))}   (or once and for all: {install})",
    )


def put(text: str, encoding: str = "utf-8") -> None:
    """Write all of a text to stdout.

    Raises:
        AwsenvError: it cannot be written.
        BrokenPipeError: nothing reads it.
    """
    if sys.stdout is None:
        raise AwsenvError(NO_STDOUT)
    try:
        streams.write(text, encoding)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AwsenvError(f"cannot write to stdout: {error.strerror}") from None
