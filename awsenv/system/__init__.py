"""The operating system: processes, the terminal, files, the browser, the user's environment on Windows."""
