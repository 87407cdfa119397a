"""Started by the shells under test: records the status that the shell hands it, and the environment it finds.

usage: probe.py NAME STATUS [CLOCK]     CLOCK is an offset to set the clock to, or -

What it records goes into a file NAME of the directory SEEN. A name that begins with `act` also acts: boto3 asks STS whose
credentials these are; with BY_CLI in the environment, for `act` itself the AWS CLI has to say the same.
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
                seen = subprocess.run(by_cli, capture_output=True, text=True, check=True).stdout.strip()
                assert seen == caller, seen
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
