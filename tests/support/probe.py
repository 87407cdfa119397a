"""Record the last status and the environment of the shell that starts this program.

usage: probe.py NAME STATUS [CLOCK]     CLOCK is an offset to set the clock to, or -

The record is the file NAME in the directory SEEN. If the name begins with `act`, boto3 also calls GetCallerIdentity; with
BY_CLI in the environment, the AWS CLI must return the same for the name `act`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys


def main() -> None:
    name, status, *rest = sys.argv[1:]
    caller = None
    if name.startswith("act"):
        import boto3

        try:
            caller = boto3.client("sts").get_caller_identity()["Arn"]
            if name == "act" and "BY_CLI" in os.environ:
                by_cli = [shutil.which("aws"), "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
                answer = subprocess.run(by_cli, capture_output=True, text=True, check=True).stdout.strip()
                assert answer == caller, answer
        except Exception as error:  # the test examines the error
            caller = f"{type(error).__name__}: {error}"
    for offset in rest:
        if offset != "-":
            for variable in ("FAKETIME_TIMESTAMP_FILE", "STS_CLOCK"):
                with open(os.environ[variable], "w") as file:
                    file.write(offset + "\n")
    environment = {name.decode("latin-1"): value.decode("latin-1") for name, value in os.environb.items()}
    with open(os.path.join(os.environ["SEEN"], name), "w") as file:
        json.dump({"status": status, "environment": environment, "caller": caller}, file)


main()
