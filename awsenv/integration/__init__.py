"""The integration into a shell: its script, the line in the start-up file, the stored copy."""
