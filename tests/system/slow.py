#!/usr/bin/python3
"""slow.py LISTEN SERVER METHOD SECONDS: an OVSDB connection as it can be.

Stands between a client and ovsdb-server, both Unix sockets, and keeps back
every message whose method begins with METHOD, whoever sent it, for SECONDS,
and says so; all others overtake it."""
import asyncio
import json
import sys

LISTEN, SERVER, METHOD, SECONDS = sys.argv[1:]
DECODER = json.JSONDecoder()


async def carry(reader, writer):
    """Messages come one after the other, with nothing between them."""
    text = ""
    loop = asyncio.get_running_loop()
    while data := await reader.read(65536):
        text += data.decode()
        while text:
            try:
                message, end = DECODER.raw_decode(text)
            except ValueError:
                break  # The rest of it is still to come.
            raw, text = text[:end].encode(), text[end:].lstrip()
            if (message.get("method") or "").startswith(METHOD):
                loop.call_later(float(SECONDS), writer.write, raw)
                print("kept back", message["method"], flush=True)
            else:
                writer.write(raw)
    writer.close()


async def serve(reader, writer):
    far_reader, far_writer = await asyncio.open_unix_connection(SERVER)
    await asyncio.gather(carry(reader, far_writer),
                         carry(far_reader, writer))


async def main():
    server = await asyncio.start_unix_server(serve, LISTEN)
    await server.serve_forever()


asyncio.run(main())
