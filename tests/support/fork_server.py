"""Run Python programs, each in a fork of this process, which has already loaded their imports.

usage: fork_server.py MODULE     reads one request per line (JSON) from stdin, and writes its exit code to stdout

A request has `environment`, `cwd`, the files `out` and `err`, and either a `script` (Python source) or the `arguments` of
the module's `main`. HOME of this process is a symbolic link, which is pointed to the HOME of each request: the AWS CLI
computes the paths of its caches when it is imported.
"""

import importlib
import json
import os
import sys


def run(request: dict[str, object]) -> int:
    sys.argv = ["aws", *request["arguments"]]  # type: ignore[misc]
    try:
        if request["script"]:
            exec(compile(str(request["script"]), "<string>", "exec"), {"__name__": "__main__"})
            return 0
        return int(module.main() or 0)
    except SystemExit as stop:
        return int(stop.code or 0)
    except BaseException as error:
        frames = error.__traceback__.tb_next if error.__traceback__ else None  # without the frame of this function
        sys.excepthook(type(error), error, frames)
        return 1


before = dict(os.environ)
module = importlib.import_module(sys.argv[1])
if hasattr(module, "create_clidriver"):
    module.create_clidriver()  # imports the plugins
added = {name: value for name, value in os.environ.items() if before.get(name) != value}  # AWS_DATA_PATH, by awscli
for line in sys.stdin:
    request = json.loads(line)
    if os.path.islink(before["HOME"]):
        os.unlink(before["HOME"])
    os.symlink(request["environment"]["HOME"], before["HOME"])
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for number, path in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
                os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), number)
            os.environ.clear()
            os.environ.update(added | request["environment"])
            os.chdir(request["cwd"])
            code = run(request)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
