"""Whether the rows say how it went."""
import node

RULE = ("type", "external_ip", "logical_ip", "protocol", "external_port",
        "internal_port")


def row_problems(model, doors):
    columns = ["name", "state", "error"]
    routers, ports = (
        {row["name"]: (row["state"], row["error"] or "")
         for row in node.select_rows("OVS_SNAT", table, columns)}
        for table in ("Router", "Router_Port"))
    keys = doors["vsctl"].keys()
    ports |= {name: (row.get("snat-state"), row.get("snat-error", ""))
              for name, row in keys.items() if "snat-router" in row}
    rules = {" ".join(filter(None, (row[column] for column in RULE))):
             (row["state"], row["error"] or "")
             for row in node.select_rows("OVS_SNAT", "NAT",
                                         [*RULE, "state", "error"])}
    for name in model.names():
        asked = model.asked(name)
        if name in model.told["snatctl"]:
            yield from wrong_router(name, asked, routers.get(name))
        yield from wrong_refusals(asked, ports | rules)
        yield from wrong_ports(name, asked, model, ports)
        yield from wrong_rules(name, asked, model, rules)
    for name, row in keys.items():
        if row and "snat-router" not in row:
            yield f"port {name}, which is nobody's, still says {row}"


def wrong_router(name, asked, row):
    state, error = row or ("missing", "")
    if state != asked.state:
        yield f"router {name} is {state}, not {asked.state}: {error!r}"
    elif bool(error) != bool(asked.refusals):
        yield f"router {name} is {state}: {error!r}"
    elif asked.refusals and not any(
            f"{row}: " in error for refusal in asked.refusals
            for row in refusal.rows):
        yield f"the error of {name} names no row of {asked.refusals}: {error}"


def wrong_refusals(asked, rows):
    for refusal in asked.refusals:
        state = "pending" if refusal.waits else "failed"
        if not any(rows.get(row, ("",))[0] == state and rows[row][1]
                   for row in refusal.rows):
            yield (f"no row of {refusal.rows} is {state}: "
                   f"{[rows.get(row) for row in refusal.rows]}")


def wrong_ports(name, asked, model, rows):
    for port in sorted(port for way in model.told.values() if name in way
                       for port in way[name].ports):
        row = rows.get(port)
        if not asked.refusals and row != (asked.state, ""):
            yield f"port {port} of {name} is {row}, not {asked.state}"


def wrong_rules(name, asked, model, rows):
    router = model.told["snatctl"].get(name)
    for rule in router.nat if router and not asked.refusals else ():
        state, error = rows.get(rule.words, ("missing", ""))
        waits = asked.state == "active" and not model.has_gateway(name)
        wanted = "pending" if waits else asked.state
        if state != wanted or bool(error) != waits:
            yield f"{rule.words} of {name} is {state}, not {wanted}: {error!r}"
