"""Runs Python programs, each in a fork of this process, in which their imports are loaded already.

usage: fork_server.py MODULE     a request per line on stdin, as JSON; the exit code of each on stdout

A request has `environment`, `cwd`, `out` and `err` (files), and either `script` (text of Python) or `arguments` of the
module's `main`. HOME of this process is a symbolic link, which is made to lead to that of each request: the AWS CLI makes
up the paths of its caches when it is imported.
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
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException as error:
        here = error.__traceback__.tb_next if error.__traceback__ else None  # without the frame of this function
        sys.excepthook(type(error), error, here)
        return 1


before = dict(os.environ)
module = importlib.import_module(sys.argv[1])
if hasattr(module, "create_clidriver"):
    module.create_clidriver()  # imports the plugins
added = {name: value for name, value in os.environ.items() if before.get(name) != value}  # AWS_DATA_PATH, by awscli
for line in sys.stdin:
    asked = json.loads(line)
    if os.path.islink(before["HOME"]):
        os.unlink(before["HOME"])
    os.symlink(asked["environment"]["HOME"], before["HOME"])
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for number, path in ((0, os.devnull), (1, asked["out"]), (2, asked["err"])):
                os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), number)
            os.environ.clear()
            os.environ.update(added | asked["environment"])
            os.chdir(asked["cwd"])
            code = run(asked)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
