"""Run by the shells under test: writes down the status that the shell hands it and the environment it finds itself in.

usage: witness.py NAME STATUS CLOCK     CLOCK is an offset to set the clock to, or -
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys


def main() -> None:
    name, status, clock = sys.argv[1:4]
    caller = None
    if name.startswith("act"):
        import boto3

        try:
            caller = boto3.client("sts").get_caller_identity()["Arn"]
            if name == "act":  # the AWS CLI is to see the same
                by_cli = [shutil.which("aws"), "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
                seen = subprocess.run(by_cli, capture_output=True, text=True, check=True).stdout.strip()
                assert seen == caller, seen
        except Exception as error:  # the test looks at what went wrong
            caller = f"{type(error).__name__}: {error}"
    if clock != "-":
        for variable in ("FAKETIME_TIMESTAMP_FILE", "STS_CLOCK"):
            with open(os.environ[variable], "w") as file:
                file.write(clock + "\n")
    environment = {name: value for name, value in os.environ.items() if name.startswith("AWS")}
    with open(os.path.join(os.environ["SEEN"], name), "w") as file:
        json.dump({"status": status, "environment": environment, "caller": caller}, file)


main()
