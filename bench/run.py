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
from dataclasses import asdict

import guards
import in_shell
import large
import machine
import peers
import prompts
import rows
import start
from clock import CannotMeasureError, Command, interleaved, median_ms, paired_ratio, say
from machine import Bench, Install
from report import Line, as_text, verdict

NAMES = (*(row.name for row in rows.ROWS), *in_shell.VERBS, "start", "prompt", "large", "guards")

#: Row that peers are timed with -> the command of a peer, its base, and the text of its row.
PEER_ROWS = {"assume": ("cached", "python", "from its cache"), "sts": ("fresh", "boto3", "with an AssumeRole call")}


def main(arguments: Sequence[str]) -> int:
    """Run the measurements; return 0, whatever the numbers are, or 1 if it could not measure."""
    args = _parser().parse_args(arguments)
    if os.name != "posix":
        say("this needs a POSIX system: it starts processes with posix_spawn")
        return 1
    try:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that it cleans up
        with _directory(args.keep) as directory:
            return _measure(args, directory)
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


def _measure(args: argparse.Namespace, directory: str) -> int:
    wanted = args.only or NAMES
    install = machine.install_awsenv(os.path.abspath(args.venv or os.path.join(directory, "awsenv")))
    before = machine.installed(os.path.abspath(args.before)) if args.before else None
    if args.ministack:
        ministack = os.path.abspath(args.ministack)
    else:
        ministack = machine.install_ministack(os.path.join(directory, "ministack"))
    with machine.sts(ministack, os.path.join(directory, "sts")) as endpoint:
        bench = _bench(install, before, endpoint, directory)
        lines, samples = _timed(bench, wanted, args)
        rounds = max(3, args.rounds // 8)
        lines += in_shell.lines(bench, wanted, rounds)
        if "start" in wanted:
            lines += start.lines(bench, rounds)
        if "prompt" in wanted:
            lines += prompts.lines(bench, args.peer, rounds)
        if "large" in wanted:
            lines += large.lines(bench)
        if "guards" in wanted:
            lines += guards.lines(bench)
    sys.stdout.write(
        f"{install.version}; {platform.platform()}; {args.rounds} rounds\n\n{as_text(lines)}{_note(install)}"
    )
    if args.json:
        _write_json(args, install, lines, samples)
    return 0


def _bench(install: Install, before: Install | None, endpoint: str, directory: str) -> Bench:
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


def _timed(bench: Bench, wanted: Sequence[str], args: argparse.Namespace) -> tuple[list[Line], dict[str, list[float]]]:
    """Time the rows that compare two programs, and the peers, in the same rounds."""
    chosen = [row for row in rows.ROWS if row.name in wanted]
    compared = {name: PEER_ROWS[name] for name in PEER_ROWS if name in wanted}
    names = [name for row in chosen for name in (row.command, row.base)]
    pool = rows.commands(bench.install, bench.homes, bench.role[0], names)
    if bench.before is not None:
        earlier = rows.commands(bench.before, bench.homes, bench.role[0], [row.command for row in chosen])
        pool |= {f"{name} before": command for name, command in earlier.items()}
    of_peers, missing = _peers(bench, args.peer, compared)
    pool |= {name: command for name, (command, _) in of_peers.items()}
    if pool:
        say(f"timing {len(pool)} commands, {args.rounds} rounds")
    samples = interleaved(pool, args.rounds)
    lines = []
    for row in chosen:
        ratio, limit = paired_ratio(samples[row.command], samples[row.base]), row.allowed(bench.install.old_pip)
        lines.append(_line(row.text, samples[row.command], ratio, f"{limit:.2f} x", verdict(ratio, limit)))
        if bench.before is not None:
            before = samples[f"{row.command} before"]
            lines.append(_line("  before", before, paired_ratio(before, samples[row.base]), "", "before"))
    for name, (_, base) in of_peers.items():
        lines.append(_line(name, samples[name], paired_ratio(samples[name], samples[base]), "", "peer"))
    return lines + missing, samples


def _line(text: str, samples: list[float], ratio: float, limit: str, word: str) -> Line:
    return Line(text, f"{median_ms(samples):.1f} ms", f"{ratio:.2f} x", limit, word)


def _peers(
    bench: Bench, given: Sequence[str], compared: dict[str, tuple[str, str, str]]
) -> tuple[dict[str, tuple[Command, str]], list[Line]]:
    """Return the commands of the peers that run here, each with its base, and lines for the other peers."""
    found: dict[str, tuple[Command, str]] = {}
    missing = []
    for peer in peers.PEERS if compared else ():
        path = peers.find(peer.program, given)
        if path is None:
            missing.append(Line(f"  {peer.text}", verdict="peer, not installed"))
            continue
        home = machine.make_home(os.path.join(bench.directory, peer.program), bench.endpoint, bench.role)
        commands = peers.commands(peer, path, home)
        reason = peers.why_not(commands["fresh"]) or peers.why_not(commands["cached"])
        if reason is not None:
            missing.append(Line(f"  {peer.text}", verdict=f"peer, {reason}"))
            continue
        for command, base, text in compared.values():
            found[f"  {peer.text}, {text}"] = (commands[command], base)
    return found, missing


def _note(install: Install) -> str:
    note = (
        "\nRead the ratios; milliseconds drift with the machine. A ratio is the median of the ratios\n"
        "of the two programs in the same round.\n"
    )
    if install.old_pip:
        note += f"A pip before 26 installed awsenv: its wrapper may add {rows.OLD_PIP} to a ratio to Python.\n"
    return note


def _write_json(args: argparse.Namespace, install: Install, lines: list[Line], samples: dict[str, list[float]]) -> None:
    content = {
        "version": install.version,
        "platform": platform.platform(),
        "old_pip": install.old_pip,
        "rounds": args.rounds,
        "lines": [asdict(line) for line in lines],
        "samples_ms": {name: [round(one * 1000, 3) for one in taken] for name, taken in samples.items()},
    }
    with open(args.json, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
