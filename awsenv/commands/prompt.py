"""`awsenv prompt`."""

from awsenv.args import Args, Command, Options
from awsenv.environment import settings as settings_of
from awsenv.environment.segment import build_segment
from awsenv.environment.state import State, state_of
from awsenv.result import USAGE, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS = ("plain", "ansi", "tmux")

OPTIONS: Options = {
    "--format": ("FORMAT", "plain (the default), ansi (terminal colors) or tmux (colors of its status line)"),
    "--state": (None, "instead: what the hooks of awsenv init show and count down from, as statements for --shell"),
    "--shell": ("NAME", "with --state: the shell that evaluates it; else it is detected"),
}


def run(args: Args, environ: "Mapping[str, str]", now: int) -> Result:
    """Return the segment and a newline; nothing at all while nothing is exported."""
    form = args.choice("--format", FORMATS)
    if "--state" in args:
        return Result(out=_statements(args.get("--shell"), environ, state_of(environ, now)))
    state = state_of(environ)
    settings, complaints = settings_of.read(environ)
    note = complaints[0] if complaints else ""
    segment = build_segment(state, settings, now)
    return Result(out=f"{_in_color(segment.text, segment.color, form)}\n" if segment.text else "", note=note)


def _statements(shell: str | None, environ: "Mapping[str, str]", state: State) -> str:
    from awsenv import dialects

    dialect = dialects.load(shell or dialects.detect(environ))
    if not dialect.has_state:
        raise AwsenvError("--state is for a shell with an integration", f"one of {', '.join(dialects.hooked())}", USAGE)
    return "".join(f"{line}\n" for line in dialects.assignments(dialect, state.variables()))


def _in_color(text: str, color: str, form: str | None) -> str:
    if form == "tmux":
        text = text.replace("#", "##")
        return f"#[{_tmux_style(color)}]{text}#[default]" if color else text
    return f"\033[{color}m{text}\033[0m" if form == "ansi" and color else text


def _tmux_style(color: str) -> str:
    """Translate SGR parameters to a style of tmux (tmux(1), STYLES)."""
    names = {"1": "bold", "2": "dim", "3": "italics", "4": "underscore", "7": "reverse"}
    styles, parameters = [], iter(color.split(";"))
    for parameter in parameters:
        if parameter in names:
            styles.append(names[parameter])
        elif parameter in ("38", "48"):
            next(parameters)
            styles.append(f"{'fg' if parameter == '38' else 'bg'}=colour{next(parameters)}")
        else:
            number = int(parameter)
            ground = "fg" if number % 60 < 40 else "bg"
            # 30 to 37 are the first eight of the 256 colors, 90 to 97 the next eight
            styles.append(f"{ground}=colour{number % 10 + (8 if number >= 90 else 0)}")
    return ",".join(styles)


COMMAND = Command(
    usage="awsenv prompt [--format plain|ansi|tmux | --state]",
    description="""
Prints the segment of the prompt, `project1 42m`, or nothing while nothing is exported: for starship, tmux,
powerlevel10k, oh-my-posh and other prompts. It makes no network request and never prompts; its exit code is always 0.
""",
    options=OPTIONS,
    max_positionals=0,
    examples="""
  awsenv prompt
  awsenv prompt --format ansi
  awsenv help settings                 its settings, in variables or in the settings file
""",
    run=run,
)
