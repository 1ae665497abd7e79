#!/usr/bin/python3
"""flood.py SERVER FLOODED QUIET EDITS: edits one port as fast as the server
takes it, and another once in a while.

FLOODED and QUIET are names of rows of table Router_Port, SERVER is the Unix
socket of the database OVS_SNAT.  Prints how long a change of the quiet port's
router takes, from the edit until its Change is committed, first while all is
quiet and then during the flood."""
import asyncio
import itertools
import json
import statistics
import sys
import time

SERVER, FLOODED, QUIET = sys.argv[1:4]
EDITS = int(sys.argv[4])
ROUNDS = 15
PAUSE = 0.15  # Less often than a router may be changed.
LONGEST = 300  # Seconds.
WINDOW = 50  # Edits that are not answered yet.
DECODER = json.JSONDecoder()


class Connection:
    """JSON-RPC, with as many requests under way as one likes."""

    async def open(self):
        self.reader, self.writer = await asyncio.open_unix_connection(SERVER)
        self.numbers = itertools.count()
        self.text = ""

    def send(self, method, params):
        number = next(self.numbers)
        self.writer.write(json.dumps(
            {"method": method, "params": params, "id": number}).encode())
        return number

    async def receive(self):
        while True:
            try:
                message, end = DECODER.raw_decode(self.text)
            except ValueError:
                data = await self.reader.read(1 << 16)
                if not data:
                    raise SystemExit("the server has closed the connection")
                self.text += data.decode()
                continue
            self.text = self.text[end:].lstrip()
            if message.get("error"):
                raise SystemExit(f"refused: {message['error']}")
            return message


def edit(port, address):
    return ["OVS_SNAT", {"op": "update", "table": "Router_Port",
                         "where": [["name", "==", port]],
                         "row": {"networks": address}}]


async def flood():
    connection = Connection()
    await connection.open()
    under_way = 0
    for i in range(EDITS):
        connection.send("transact", edit(
            FLOODED, f"10.0.{i // 250 % 250}.{i % 250 + 1}/24"))
        under_way += 1
        while under_way >= WINDOW:
            await connection.receive()
            under_way -= 1
    while under_way:
        await connection.receive()
        under_way -= 1


def is_committed(message, router):
    if message.get("method") != "update":
        return False
    changes = message["params"][1].get("Change", {})
    return any(row.get("new", {}).get("state") == "committed"
               and row["new"]["router"] == router
               for row in changes.values())


async def measure(router, addresses, is_over):
    """Milliseconds of some changes, one after the other."""
    connection = Connection()
    await connection.open()
    connection.send("monitor", ["OVS_SNAT", None, {
        "Change": {"columns": ["router", "state"],
                   "select": {"initial": False}}}])
    await connection.receive()
    took = []
    while not is_over(took):
        await asyncio.sleep(PAUSE)
        start = time.monotonic()
        connection.send("transact", edit(QUIET, next(addresses)))
        while not is_committed(await connection.receive(), router):
            pass
        took.append((time.monotonic() - start) * 1000)
    return took


async def router_of(port):
    connection = Connection()
    await connection.open()
    connection.send("transact", ["OVS_SNAT", {
        "op": "select", "table": "Router_Port",
        "where": [["name", "==", port]], "columns": ["_uuid"]}])
    uuid = (await connection.receive())["result"][0]["rows"][0]["_uuid"]
    connection.send("transact", ["OVS_SNAT", {
        "op": "select", "table": "Router",
        "where": [["ports", "includes", uuid]], "columns": ["name"]}])
    return (await connection.receive())["result"][0]["rows"][0]["name"]


async def main():
    router = await router_of(QUIET)
    addresses = (f"10.1.{i}.1/24" for i in itertools.count(1))
    quiet = await measure(router, addresses, lambda took: len(took) >= ROUNDS)
    flooding = asyncio.create_task(flood())
    busy = await measure(router, addresses, lambda _: flooding.done())
    await flooding
    for name, took in (("quiet", quiet), ("flood", busy)):
        print(f"{name}: {len(took)} changes, half within "
              f"{statistics.median(took):.1f} ms, all within "
              f"{max(took):.1f} ms")


asyncio.run(asyncio.wait_for(main(), LONGEST))
