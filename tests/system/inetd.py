#!/usr/bin/python3
"""inetd.py SOCKET COMMAND [ARG]...

Starts COMMAND for each connection to SOCKET, as its standard input, in the
manner of systemd.socket(5) with Accept=yes."""
import os
import socket
import subprocess
import sys

path, command = sys.argv[1], sys.argv[2:]
with socket.socket(socket.AF_UNIX) as door:
    os.umask(0o077)
    door.bind(path)
    door.listen()
    while True:
        line, _ = door.accept()
        subprocess.Popen(command, stdin=line)
        line.close()
