"""What the operating system does: files, processes, the terminal, the browser."""
