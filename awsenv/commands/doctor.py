"""`awsenv doctor`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from awsenv import environment
from awsenv.args import Args, Command, Options
from awsenv.dialects import CHOICES
from awsenv.result import FAILED, GOOD, AwsenvError, Result, printable
from awsenv.system import terminal

if TYPE_CHECKING:
    from awsenv.doctor.check import Finding
    from awsenv.doctor.context import Context

OPTIONS: Options = {
    "--offline": (None, "make no network request: check this shell, the files and the programs only"),
    "--fix": (None, "unset what is stale in this shell, remove corrupt or expired cache entries"),
    "--vars": (None, "only the variables that are set, masked, without any check; not with --fix"),
    "--json": (None, "a JSON object with the findings and the variables, for scripts; not with --fix"),
    "--shell": ("NAME", f"write the fixes for this shell: {CHOICES}; else it is detected"),
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Return the findings; AwsenvError for a profile that does not exist."""
    for option in ("--json", "--vars"):
        args.one_of(option, "--fix")  # with --fix, stdout is for the shell
    from awsenv import doctor
    from awsenv.credentials.plan import require
    from awsenv.doctor import inventory, report
    from awsenv.doctor.context import Context
    from awsenv.report.fixes import shell_of

    environ = dict(environ)  # os.environ changes while AWS is called
    name = args.first
    shell = shell_of(args.get("--shell"), environ)
    if "--vars" in args:
        variables = inventory.variables(environ, now)
        if "--json" in args:
            return Result(out=report.as_json(None, variables, shell))
        return Result(out=report.variables_as_text(variables, columns=terminal.columns(sys.stdout)))
    context = Context(environ, now, name, "--offline" in args)
    if name is not None and context.lost and "--json" not in args and not _misplaced(context):
        require(context.profiles, name)
    with terminal.progress() as progress:
        findings = doctor.examine(context, progress=progress)
    faults = [finding.fault for finding in findings if finding.fault is not None]
    variables = inventory.variables(environ, now)
    code = _code(findings)
    if "--json" in args:
        return Result(out=report.as_json(findings, variables, shell), code=code, faults=faults)
    stream = sys.stderr if "--fix" in args else sys.stdout
    text = report.as_text(findings, variables, shell, columns=terminal.columns(stream), end=report.count(findings))
    if "--fix" in args:
        result = fixed(findings, environ, now)
        result.report, result.faults = text + result.report, faults
        return result
    return Result(out=text, code=code, faults=faults)


def _misplaced(context: Context) -> bool:
    """Whether a check explains why the profile is missing: AWS tools do not read its section, or find no file."""
    from awsenv import doctor
    from awsenv.doctor.check import ERROR

    checks = (check for id in ("config-files", "config-headers") for check in doctor.group(id).checks)
    return any(finding.severity == ERROR for check in checks for finding in check.look(context))


def _code(findings: Sequence[Finding]) -> int:
    from awsenv.doctor.check import NOTE

    return FAILED if any(finding.severity != NOTE for finding in findings) else GOOD


def fixed(findings: Sequence[Finding], environ: Mapping[str, str], now: int) -> Result:
    """Apply the harmless fixes, and return the change of the shell and a report."""
    from awsenv.doctor import report
    from awsenv.report import session_cache

    cache = session_cache.Cache(environ, now)
    done, left, unset = [], [], set[str]()
    for finding in findings:
        if finding.auto_fix is None:
            left.append(finding)
            continue
        unset |= set(finding.auto_fix.unset) & set(environ)
        for entry in finding.auto_fix.remove:
            try:
                if cache.remove(entry):
                    done.append(f"removed {entry.path}")
            except AwsenvError as error:
                left.append(finding)
                done.append(str(error))
    # without its access key everything else is stale, too; this also restores what assume displaced
    change: environment.Change = dict.fromkeys(unset)
    if "AWS_ACCESS_KEY_ID" in unset:
        change.update(environment.clear(environ))
    if unset:
        done.append(f"unset {', '.join(sorted(unset))}")
    if done:
        done.append(report.count(left, " left"))
    text = "".join(f"{printable(line)}\n" for line in done)
    return Result(change=change, whole=False, report=text, code=_code(left))


COMMAND = Command(
    usage="awsenv doctor [PROFILE] [options]",
    description="""
Looks for every known cause of "the security token included in the request is expired" and related errors: in this
shell, with PROFILE also in that profile and its source profiles. It shows what is wrong, the most likely cause first:
where, why it matters, and the one command that fixes it; then the variables that are set (secrets masked), by what set
them. docs/doctor.md lists all checks.

The exit code is 0 if nothing is wrong (there may be notes) and 1 for errors and warnings. It takes at most 10 seconds,
with --offline 2, even if no server answers.

With --fix the findings go to stderr, and what can be fixed without harm is fixed: stdout is for the shell, which unsets
its stale variables, and corrupt or expired cache entries are removed. The exit code is 1 if something is left.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  awsenv doctor
  awsenv doctor project1               also the profile project1 and its source profiles
  awsenv doctor --fix                  with the integration line in place (awsenv install)
  eval "$(awsenv doctor --fix)"        bash and zsh, no setup
  awsenv doctor --json | jq -r '.findings[] | "\\(.severity) \\(.fix)"'
""",
    run=run,
)
