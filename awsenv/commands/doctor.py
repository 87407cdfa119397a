"""Looks for every known cause of "the security token included in the request is expired" and its like: in this shell,
with PROFILE also in that profile and in those that it draws on. It shows what is set (secrets masked), then what is
wrong, the most likely cause first: where, why it hurts, and the one command that cures it. docs/doctor.md lists all
that it looks for.

The exit code is 0 if nothing is wrong (there may be notes) and 1 for errors and warnings. It takes no more than
10 seconds, with --offline 2, also when nobody answers.

With --fix the findings go to stderr, then what can be cured without harm is: stdout is for the shell, which unsets its
stale variables, and corrupt or expired entries of the caches are removed. The exit code is 1 if something is left."""

from __future__ import annotations

from awsenv.dialects import CHOICES
from awsenv.result import FAILED, GOOD, USAGE, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.args import Options, Words
    from awsenv.doctor.check import Finding
    from awsenv.doctor.context import Scene

__all__ = ["EXAMPLES", "MOST_NAMES", "OPTIONS", "USAGE_LINE", "fixed", "run"]

USAGE_LINE = "awsenv doctor [PROFILE] [options]"
MOST_NAMES = 1
OPTIONS: Options = {
    "--offline": (None, "ask nobody: look at this shell, the files and the programs only"),
    "--fix": (None, "unset what is stale in this shell, remove corrupt or expired entries of the caches"),
    "--json": (None, "a JSON object with the findings and the variables, for scripts; not with --fix"),
    "--shell": ("NAME", f"write the cures for this shell: {CHOICES}; else it is detected"),
}
EXAMPLES = """
  awsenv doctor
  awsenv doctor project1               also the profile project1 and what it draws on
  awsenv doctor --fix                  with the integration line in place (awsenv install)
  eval "$(awsenv doctor --fix)"        bash and zsh, no setup
  awsenv doctor --json | jq -r '.findings[] | select(.severity == "error") | .cure'
"""


def run(words: Words, environ: Mapping[str, str], now: int) -> Result:
    """What is wrong; AwsenvError for a profile that is not there."""
    if "--json" in words and "--fix" in words:
        raise AwsenvError("doctor takes --json or --fix, not both", "with --fix, stdout is for the shell", USAGE)
    import sys

    from awsenv import doctor
    from awsenv.credentials.plan import require
    from awsenv.doctor import inventory, report
    from awsenv.doctor.context import Scene
    from awsenv.system import terminal

    environ = dict(environ)  # AWS is asked under others
    name = words.names[0] if words.names else None
    shell = report.shell_of(words.get("--shell"), environ)
    scene = Scene(environ, now, name, "--offline" in words)
    if name is not None and scene.unreadable is None and name not in scene.profiles and not _misplaced(scene):
        require(scene.profiles, name)
    with terminal.progress() as tell:
        findings = doctor.examine(scene, tell=tell)
    faults = [finding.fault for finding in findings if finding.fault is not None]
    variables = inventory.variables(environ, now)
    code = FAILED if _wrong(findings) else GOOD
    if "--json" in words:
        return Result(out=report.as_json(findings, variables, shell), code=code, faults=faults)
    stream = sys.stderr if "--fix" in words else sys.stdout
    text = report.as_text(findings, variables, shell, columns=terminal.columns(stream), end=report.count(findings))
    if "--fix" in words:
        return Result(report=text, after=lambda: fixed(findings, environ, now), faults=faults)
    return Result(out=text, code=code, faults=faults)


def _misplaced(scene: Scene) -> bool:
    """Whether there is such a profile, but where AWS tools do not look, or under a header that they do not take."""
    from awsenv import doctor
    from awsenv.doctor.check import ERROR
    from awsenv.doctor.context import Scene

    files = doctor.KINDS["The AWS files"]
    offline = Scene(scene.environ, scene.now, scene.named, offline=True)
    return any(finding.severity == ERROR for finding in doctor.examine(offline, files))


def _wrong(findings: Sequence[Finding]) -> bool:
    from awsenv.doctor.check import NOTE

    return any(finding.severity != NOTE for finding in findings)


def fixed(findings: Sequence[Finding], environ: Mapping[str, str], now: int) -> Result:
    """Apply the harmless cures: the change of the shell, and what was done and is left for the person."""
    from awsenv import environment
    from awsenv.doctor import report
    from awsenv.report import session_cache
    from awsenv.result import shown

    cache = session_cache.Cache(environ, now)
    said, left, unset = [], [], set[str]()
    for finding in findings:
        if finding.fix is None:
            left.append(finding)
            continue
        unset |= set(finding.fix.unset) & set(environ)
        for entry in finding.fix.remove:
            try:
                if cache.remove(entry):
                    said.append(f"removed {entry.path}")
            except AwsenvError as error:
                left.append(finding)
                said.append(str(error))
    # without its keys, the rest of what goes with them is stale, too, and what assume replaced comes back
    change: environment.Change = dict.fromkeys(unset)
    if "AWS_ACCESS_KEY_ID" in unset:
        change.update(environment.clear(environ))
    if unset:
        said.append(f"unset {', '.join(sorted(unset))}")
    if said:
        said.append(report.count(left, " left"))
    text = "".join(f"{shown(line)}\n" for line in said)
    return Result(change=change, whole=False, report=text, code=FAILED if _wrong(left) else GOOD)
