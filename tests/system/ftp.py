#!/usr/bin/python3
"""ftp.py serve PORT | ftp.py fetch ADDRESS PORT: as much of FTP (RFC 959) as
it takes for the server to call the client back, at the address and port that
the client has told it.  The server prints where that is, and each of them
"data" if the call comes about, or "none"."""
import socket
import sys

PATIENCE = 3  # Seconds.


def serve(port):
    listener = socket.create_server(("", int(port)))
    print("ready", flush=True)
    while True:
        line, _ = listener.accept()
        with line, line.makefile("rw", newline="\r\n") as words:
            words.write("220 ready\r\n")
            words.flush()
            words.readline()
            words.write("230 welcome\r\n")
            words.flush()
            call_back(words.readline())


def call_back(told):
    numbers = told.removeprefix("PORT ").strip().split(",")
    address = ".".join(numbers[:4])
    port = int(numbers[4]) * 256 + int(numbers[5])
    print(f"told {address}", flush=True)
    try:
        with socket.create_connection((address, port), PATIENCE) as data:
            data.send(b"data\n")
            print("data", flush=True)
    except OSError:
        print("none", flush=True)


def fetch(address, port):
    line = socket.create_connection((address, int(port)), PATIENCE)
    listener = socket.create_server((line.getsockname()[0], 0))
    listener.settimeout(PATIENCE)
    own, data_port = listener.getsockname()
    with line, line.makefile("rw", newline="\r\n") as words:
        words.readline()
        words.write("USER anonymous\r\n")
        words.flush()
        words.readline()
        words.write(f"PORT {own.replace('.', ',')},{data_port // 256},"
                    f"{data_port % 256}\r\n")
        words.flush()
        try:
            data, _ = listener.accept()
            print(data.recv(64).decode().strip())
        except TimeoutError:
            print("none")


{"serve": serve, "fetch": fetch}[sys.argv[1]](*sys.argv[2:])
