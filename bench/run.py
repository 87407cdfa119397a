"""Measures the Speed table of DESIGN.md on this machine: `python bench/run.py`. Not a test: slow is no failure."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import guards
import in_shell
import large
import machine
import peers
import prompts
import rows
import start
from clock import CannotMeasureError, Command, interleaved, median_ms, paired_ratio, say
from report import Line, as_text, verdict

NAMES = (*(row.name for row in rows.ROWS), *in_shell.VERBS, "start", "prompt", "large", "guards")

#: Row that a peer is timed next to -> its command, and what that is compared with.
PEER_ROWS = {"assume": ("cached", "python", "from its cache"), "sts": ("fresh", "boto3", "with an AssumeRole call")}


@dataclass(frozen=True)
class Bench:
    """All that the measurements share.

    Attributes:
        install: of awsenv.
        before: of another version, to be timed in the same rounds; or None.
        homes: "" has the assumed profile alone, "10" and "10000" as many others.
        role: the user's role: its ARN, the user's key id and secret key.
        endpoint: of the local STS.
        directory: for what is needed meanwhile.
        strace: its path, or None.
    """

    install: machine.Install
    before: machine.Install | None
    homes: dict[str, machine.Home]
    role: tuple[str, str, str]
    endpoint: str
    directory: str
    strace: str | None


def main(arguments: Sequence[str]) -> int:
    """The entry point: 0 when it measured, whatever the numbers are; 1 when it could not."""
    asked = _parser().parse_args(arguments)
    if os.name != "posix":
        say("this needs a POSIX system: it starts processes with posix_spawn")
        return 1
    try:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exit that cleans up
        with _directory(asked.keep) as directory:
            return _measure(asked, directory)
    except (CannotMeasureError, OSError) as error:
        say(f"cannot measure: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench/run.py", description=__doc__)
    parser.add_argument("--rounds", type=_count, default=41, metavar="N", help="how often each command runs (41)")
    parser.add_argument(
        "--only", action="append", choices=NAMES, metavar="ROW", help=f"repeatable; one of {', '.join(NAMES)}"
    )
    parser.add_argument("--json", metavar="FILE", help="write the table there as well, with every sample")
    parser.add_argument("--keep", action="store_true", help="keep the temporary directory, and say where it is")
    parser.add_argument(
        "--venv", metavar="DIR", help="the environment with awsenv: created if it is missing, else used unchanged"
    )
    parser.add_argument("--before", metavar="DIR", help="an environment with another awsenv, timed in the same rounds")
    parser.add_argument("--ministack", metavar="PATH", help="the program ministack, so that it is not installed")
    parser.add_argument(
        "--peer", action="append", default=[], metavar="PATH", help="a peer that is not on PATH; repeatable"
    )
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


@contextlib.contextmanager
def _directory(keep: bool) -> Iterator[str]:
    directory = tempfile.mkdtemp(prefix="awsenv-bench-")
    try:
        yield directory
    finally:
        if keep:
            say(f"kept: {directory} (for --venv: its awsenv, for --ministack: its ministack/bin/ministack)")
        else:
            shutil.rmtree(directory, ignore_errors=True)


def _measure(asked: argparse.Namespace, directory: str) -> int:
    wanted = asked.only or NAMES
    install = machine.install_awsenv(os.path.abspath(asked.venv or os.path.join(directory, "awsenv")))
    before = machine.installed(os.path.abspath(asked.before)) if asked.before else None
    ministack = os.path.abspath(asked.ministack) if asked.ministack else None
    ministack = ministack or machine.install_ministack(os.path.join(directory, "ministack"))
    with machine.sts(ministack, os.path.join(directory, "sts")) as endpoint:
        bench = _bench(install, before, endpoint, directory)
        timed, samples = _timed(bench, wanted, asked)
        rounds = max(3, asked.rounds // 8)
        lines = [*timed, *_verbs(bench, wanted, rounds)]
        lines += _starts(bench, rounds) if "start" in wanted else []
        lines += _prompts(bench, asked.peer, rounds) if "prompt" in wanted else []
        lines += large.lines(bench.install, bench.homes["10000"]) if "large" in wanted else []
        lines += _guards(bench) if "guards" in wanted else []
    sys.stdout.write(
        f"{install.version}; {platform.platform()}; {asked.rounds} rounds\n\n{as_text(lines)}{_note(install)}"
    )
    if asked.json:
        _write_json(asked, install, lines, samples)
    return 0


def _bench(install: machine.Install, before: machine.Install | None, endpoint: str, directory: str) -> Bench:
    say("making the homes")
    role = machine.make_role(install, endpoint, directory)
    homes = {
        size: machine.make_home(os.path.join(directory, f"home{size}"), endpoint, role, int(size or 0))
        for size in ("", "10", "10000")
    }
    for home in homes.values():
        rows.fill_cache(install, home)
        if before is not None:
            rows.fill_cache(before, home)
    return Bench(install, before, homes, role, endpoint, directory, shutil.which("strace"))


def _timed(bench: Bench, wanted: Sequence[str], asked: argparse.Namespace) -> tuple[list[Line], dict[str, list[float]]]:
    """The rows that compare two programs, and the peers; all of them in the same rounds."""
    chosen = [row for row in rows.ROWS if row.name in wanted]
    compared = {name: PEER_ROWS[name] for name in PEER_ROWS if name in wanted}
    names = [name for row in chosen for name in (row.command, row.base)]
    pool = rows.commands(bench.install, bench.homes, bench.role[0], names)
    if bench.before is not None:
        earlier = rows.commands(bench.before, bench.homes, bench.role[0], [row.command for row in chosen])
        pool |= {f"{name} before": command for name, command in earlier.items()}
    theirs, missing = _peers(bench, asked.peer, compared)
    pool |= {name: command for name, (command, _) in theirs.items()}
    if pool:
        say(f"timing {len(pool)} commands, {asked.rounds} rounds")
    samples = interleaved(pool, asked.rounds)
    lines = []
    for row in chosen:
        ratio, limit = paired_ratio(samples[row.command], samples[row.base]), row.allowed(bench.install.old_pip)
        lines.append(_compared(row.text, samples[row.command], ratio, f"{limit:.2f} x", verdict(ratio, limit)))
        if bench.before is not None:
            before = samples[f"{row.command} before"]
            lines.append(_compared("  before", before, paired_ratio(before, samples[row.base]), "", "before"))
    for name, (_, base) in theirs.items():
        lines.append(_compared(name, samples[name], paired_ratio(samples[name], samples[base]), "", "peer"))
    return lines + missing, samples


def _compared(text: str, samples: list[float], ratio: float, limit: str, word: str) -> Line:
    return Line(text, f"{median_ms(samples):.1f} ms", f"{ratio:.2f} x", limit, word)


def _peers(
    bench: Bench, given: Sequence[str], compared: dict[str, tuple[str, str, str]]
) -> tuple[dict[str, tuple[Command, str]], list[Line]]:
    """The programs of the peers that run here, each with what it is compared with; lines for those that do not."""
    theirs: dict[str, tuple[Command, str]] = {}
    missing = []
    for peer in peers.PEERS if compared else ():
        path = peers.find(peer.program, given)
        if path is None:
            missing.append(Line(f"  {peer.text}", verdict="peer, not installed"))
            continue
        home = machine.make_home(os.path.join(bench.directory, peer.program), bench.endpoint, bench.role)
        programs = peers.commands(peer, path, home)
        reason = peers.why_not(programs["fresh"]) or peers.why_not(programs["cached"])
        if reason is not None:
            missing.append(Line(f"  {peer.text}", verdict=f"peer, {reason}"))
            continue
        for command, base, text in compared.values():
            theirs[f"  {peer.text}, {text}"] = (programs[command], base)
    return theirs, missing


def _verbs(bench: Bench, wanted: Sequence[str], rounds: int) -> Iterator[Line]:
    for verb in in_shell.VERBS:
        for shell in in_shell.SHELLS if verb in wanted else ():
            path = in_shell.find(shell)
            if path is None:
                yield Line(f"{verb} in {shell}", limit="0 processes", verdict="not installed")
            else:
                say(f"{verb} in {shell}")
                case = in_shell.Verb(shell, path, bench.homes[""].environ, verb, bench.install.program)
                measure, word = _processes(bench, case)
                taken = case.seconds(rounds, slow=word == "over")
                yield Line(f"{verb} in {shell}, a call", f"{taken * 1e6:.0f} us", measure, "0 processes", word)


def _starts(bench: Bench, rounds: int) -> Iterator[Line]:
    for shell, (_, allowed) in start.LIMITS.items():
        path = in_shell.find(shell)
        limit = "0 processes" if allowed is None else f"0 processes, {allowed} ms"
        if path is None:
            yield Line(f"start of {shell}", limit=limit, verdict="not installed")
            continue
        say(f"start of {shell}")
        directory = os.path.join(bench.directory, "start")
        case = start.Start(shell, path, bench.homes[""].environ, bench.install.program, directory)
        measure, word = _processes(bench, case)
        taken = case.seconds(rounds, slow=False) * 1e3
        word = word if allowed is None or verdict(taken, allowed) == "within" else "over"
        yield Line(f"start of {shell}, more than bare", f"{taken:.1f} ms", measure, limit, word)


def _prompts(bench: Bench, given: Sequence[str], rounds: int) -> Iterator[Line]:
    found = {name: peers.find(name, given) for name in {way.program for way in prompts.WAYS} if name}
    for shell, kind in prompts.SHELLS.items():
        path = in_shell.find(shell)
        limit = f"0 processes, {kind.limit} ms"
        if path is None or not prompts.is_able(shell, path):
            yield Line(f"prompt in {shell}", limit=limit, verdict="not installed" if path is None else "too old")
            continue
        for way in prompts.WAYS:
            if shell not in way.load:
                continue
            if way.program and not found[way.program]:
                yield Line(f"  {way.text}", verdict="peer, not installed")
                continue
            say(f"prompt in {shell}{way.text and ': '}{way.text}")
            programs = [bench.install.program, *filter(None, [found.get(way.program)])]
            case = prompts.Prompt(shell, path, bench.homes[""].environ, way, tuple(programs))
            measure, word = _processes(bench, case)
            taken = case.seconds(rounds, way.slow)
            median = f"{taken * 1e6:.0f} us"
            if way.text:
                yield Line(f"  {way.text}", median, measure, "", "peer")
            else:
                word = word if verdict(taken * 1e3, kind.limit) == "within" else "over"
                yield Line(f"prompt in {shell}, each", median, measure, limit, word)


def _processes(bench: Bench, case: in_shell.Case) -> tuple[str, str]:
    """How many processes a call starts, as text, and the verdict on that."""
    if not bench.strace:
        return "", "not counted: no strace"
    try:
        forks, starts = case.processes(bench.strace, bench.directory)
    except CannotMeasureError:
        return "", "not counted: strace may not look"
    measure = f"forks {forks:g}, starts {starts:g}" if forks or starts else "0 processes"
    return measure, verdict(forks + starts, 0)


def _guards(bench: Bench) -> Iterator[Line]:
    home = bench.homes[""]
    more, unwanted = guards.modules(bench.install, home)
    text = f"modules of a cached assume beyond bare Python's: {len(more)}"
    names = f"none of {' '.join(guards.UNWANTED)}"
    yield Line(text, verdict=f"over: {' '.join(unwanted)}" if unwanted else f"within: {names}")
    if bench.strace:
        with contextlib.suppress(CannotMeasureError):
            own, bare = guards.system_calls(bench.install, home, bench.strace, bench.directory)
            yield Line(f"system calls of a cached assume: {own}, of python -c pass: {bare}")


def _note(install: machine.Install) -> str:
    note = (
        "\nRead the ratios; milliseconds drift with the machine. A ratio is the median of the ratios\n"
        "of the two programs in the same round.\n"
    )
    if install.old_pip:
        note += f"A pip before 26 installed awsenv: its wrapper may add {rows.OLD_PIP} to a ratio to Python.\n"
    return note


def _write_json(
    asked: argparse.Namespace, install: machine.Install, lines: list[Line], samples: dict[str, list[float]]
) -> None:
    found = {
        "version": install.version,
        "platform": platform.platform(),
        "old_pip": install.old_pip,
        "rounds": asked.rounds,
        "lines": [asdict(line) for line in lines],
        "samples_ms": {name: [round(one * 1000, 3) for one in taken] for name, taken in samples.items()},
    }
    with open(asked.json, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
