"""What ties awsenv into a shell: scripts, the line in the rc file, completion."""
