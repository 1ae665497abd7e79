#include "appctl/views.hh"

#include "appctl/uses.hh"
#include "appctl/views_json.hh"
#include "router/rules.hh"

#include <algorithm>
#include <ctime>
#include <functional>

namespace snat {
namespace {

std::string
when(int64_t ms)
{
    const std::time_t seconds = ms / 1000;
    std::tm parts{};
    localtime_r(&seconds, &parts);
    char text[32];
    strftime(text, sizeof text, "%F %T", &parts);
    return ms ? text : "-";
}

size_t
count_ports(const Life &life)
{
    return life.good ? life.good->ports.size() : 0;
}

Json
router_json(const Life &life, const Row_status &status)
{
    Json json{json_object()};
    set(json, "name", life.name);
    set(json, "state", to_string(status.state));
    if (!status.error.empty()) {
        set(json, "error", status.error);
    }
    set(json, "change", life.change);
    set(json, "ports", count_ports(life));
    if (life.running) {
        set(json, "phase", to_string(life.running->phase()));
    }
    return json;
}

Json
names_of(const std::map<std::string, Switch_port> &ports)
{
    Json names{json_array()};
    for (const auto &[name, port] : ports) {
        json_array_append_new(names.get(), json_string(name.c_str()));
    }
    return names;
}

std::string
port_text(const Port &port)
{
    std::string out = "    port " + padded(port.name, 15)
                      + padded(to_string(port.role), 8)
                      + to_string(port.wiring);
    if (port.switch_port) {
        out += " on " + port.switch_port->bridge;
        if (port.switch_port->tag) {
            out += ", VLAN " + std::to_string(*port.switch_port->tag);
        }
    }
    out += ", MTU " + std::to_string(port.mtu) + "\n";
    const auto line = [&out](const char *what, const std::string &value) {
        out += "        " + padded(what, 10) + value + "\n";
    };
    for (const Network &network : port.networks) {
        line("address", to_string(network));
    }
    for (const Ip &ip : port.gateway_ips) {
        line("next hop", to_string(ip));
    }
    if (port.snat_ip) {
        line("SNAT to", to_string(*port.snat_ip));
    }
    for (const Nat_rule &rule : port.nat) {
        line("NAT", to_string(rule));
    }
    for (const Static_route &route : port.routes) {
        line("route", to_string(route));
    }
    for (const auto &[what, value] :
         {std::pair{"table", port.route_table},
          std::pair{"scope", to_string(port.scopes)},
          std::pair{"MSS clamp", to_string(port.mss_clamp)},
          std::pair{"NDP proxy", ndp_proxy_text(port.ndp_proxy)}}) {
        if (!value.empty()) {
            line(what, value);
        }
    }
    return out;
}

std::string
rows_text(const Life &life, const Status &status)
{
    std::string out;
    for (const Port_row &row :
         life.row ? life.row->ports : std::vector<Port_row>{}) {
        const auto &shown = status.rows.at(row.id);
        if (shown.state != State::active || !shown.error.empty()) {
            out += "    row " + row.name + ": " + to_string(shown.state)
                   + (shown.error.empty() ? "" : ": " + shown.error) + "\n";
        }
    }
    return out;
}

Json
rows_json(const Life &life, const Status &status)
{
    Json rows{json_array()};
    for (const Port_row &row :
         life.row ? life.row->ports : std::vector<Port_row>{}) {
        const auto &shown = status.rows.at(row.id);
        Json json{json_object()};
        set(json, "name", row.name);
        set(json, "database", row.is_door1() ? "Open_vSwitch" : "OVS_SNAT");
        set(json, "state", to_string(shown.state));
        if (!shown.error.empty()) {
            set(json, "error", shown.error);
        }
        append(rows, std::move(json));
    }
    return rows;
}

// Until when a change waits to be confirmed; 0: it does not.
int64_t
confirm_until(const Engine &engine, const Change &change)
{
    const auto found = engine.routers().find(change.router);
    const bool waits = found != engine.routers().end() && found->second.confirm
                       && found->second.confirm->change == change.number;
    return waits ? found->second.confirm->until : 0;
}

std::string
confirm_text(const Engine &engine, const Change &change)
{
    const int64_t until = confirm_until(engine, change);
    return until ? "waits to be confirmed until " + when(until) : "";
}

Json
change_json(const Engine &engine, const Change &change)
{
    Json json{json_object()};
    set(json, "number", change.number);
    set(json, "router", change.router);
    set(json, "cause", change.cause);
    set(json, "state", to_string(change.state));
    if (!change.error.empty()) {
        set(json, "error", change.error);
    }
    set(json, "started_at", static_cast<uint64_t>(change.started_at));
    if (change.finished_at) {
        set(json, "finished_at", static_cast<uint64_t>(change.finished_at));
    }
    if (const int64_t until = confirm_until(engine, change)) {
        set(json, "confirm_until", static_cast<uint64_t>(until));
    }
    return json;
}

// One line of a list.
std::string
change_text(const Engine &engine, const Change &change)
{
    const std::string waits = confirm_text(engine, change);
    return padded(std::to_string(change.number), 6) + padded(change.router, 20)
           + padded(change.cause, 11) + padded(to_string(change.state), 11)
           + padded(when(change.started_at), 19)
           + (change.finished_at
                  ? std::to_string(change.finished_at - change.started_at)
                        + " ms"
                  : "-")
           + (change.error.empty() ? "" : "  " + change.error)
           + (waits.empty() ? "" : "  " + waits) + "\n";
}

size_t
count_if(const Engine &engine, auto &&is_so)
{
    return static_cast<size_t>(
        std::ranges::count_if(engine.routers(), [&](const auto &entry) {
            return bool(std::invoke(is_so, entry.second));
        }));
}

} // namespace

std::string
view_routers(const Engine &engine, Format format)
{
    Json all{json_array()};
    std::string text;
    for (const auto &[name, life] : engine.routers()) {
        const Row_status status = router_status(life, engine.target(life));
        if (format == Format::json) {
            append(all, router_json(life, status));
            continue;
        }
        text += padded(name, 20) + padded(to_string(status.state), 8)
                + std::to_string(count_ports(life)) + " ports  change "
                + std::to_string(life.change)
                + (status.error.empty() ? "" : "  " + status.error) + "\n";
    }
    return format == Format::json ? pretty(all) : text;
}

std::string
view_router(const Engine &engine, const Life &life, Format format)
{
    const Status status = status_of(life, engine.target(life));
    if (format == Format::json) {
        Json json = router_json(life, status.router);
        set(json, "namespace", namespace_name(life.name));
        set(json, "wired",
            life.good ? to_json(*life.good) : Json{json_null()});
        set(json, "rows", rows_json(life, status));
        return pretty(json);
    }
    std::string out
        = "router " + life.name + ": " + to_string(status.router.state) + "\n";
    if (!status.router.error.empty()) {
        out += "    error: " + status.router.error + "\n";
    }
    out += "    namespace " + namespace_name(life.name) + ", last change "
           + std::to_string(life.change) + "\n";
    if (life.running) {
        const auto phase = life.running->phase();
        out += phase == Transaction::Phase::observing
                   ? "    it is being looked at\n"
                   : "    a change is under way: "
                         + std::string{to_string(phase)} + "\n";
    }
    if (life.good) {
        for (const auto &[name, port] : life.good->ports) {
            out += port_text(port);
        }
        for (const Nat_rule &rule : life.good->nat) {
            out += "    NAT " + rule_words(rule) + "\n";
        }
        for (const Static_route &route : life.good->routes) {
            out += "    route " + to_string(route) + "\n";
        }
    }
    return out + rows_text(life, status);
}

std::string
view_plan(const std::vector<Step> &steps, Format format)
{
    if (format == Format::json) {
        return pretty(to_json(steps));
    }
    std::string out;
    for (size_t i = 0; i < steps.size(); i++) {
        out += std::to_string(i + 1) + ". " + words(steps[i], true) + "\n";
    }
    return out.empty() ? "nothing to do\n" : out;
}

std::string
view_changes(const Engine &engine, const std::vector<Record> &records,
             Format format)
{
    Json all{json_array()};
    std::string text;
    for (const Record &record : records) {
        if (format == Format::json) {
            append(all, change_json(engine, record.change));
        } else {
            text += change_text(engine, record.change);
        }
    }
    return format == Format::json ? pretty(all) : text;
}

std::string
view_change(const Engine &engine, const Record &record, Format format)
{
    const auto &[change, texts] = record;
    Json json = change_json(engine, change);
    Json steps = embedded(change.steps);
    if (format == Format::json) {
        set(json, "steps", std::move(steps));
        set(json, "before", embedded(texts.before));
        set(json, "after", embedded(texts.after));
        return pretty(json);
    }
    std::string out = "change " + std::to_string(change.number) + " of router "
                      + change.router + ": " + to_string(change.state)
                      + "\n    cause: " + change.cause
                      + "\n    started: " + when(change.started_at)
                      + "\n    finished: " + when(change.finished_at) + "\n";
    if (!change.error.empty()) {
        out += "    error: " + change.error + "\n";
    }
    if (const auto waits = confirm_text(engine, change); !waits.empty()) {
        out += "    " + waits + "\n";
    }
    size_t i;
    json_t *step;
    json_array_foreach(steps.get(), i, step)
    {
        const char *said = json_string_value(json_object_get(step, "words"));
        out += "    " + std::to_string(i + 1) + ". " + (said ? said : "?")
               + "\n";
    }
    return out;
}

std::string
view_orphans(const Engine &engine, Format format)
{
    Json all{json_array()};
    std::string text;
    for (const auto &[name, life] : engine.routers()) {
        if (!life.orphaned) {
            continue;
        }
        const auto left = engine.time_left(life);
        Json json{json_object()};
        set(json, "router", name);
        set(json, "namespace", namespace_name(name));
        set(json, "switch_ports", names_of(life.rows));
        set(json, "why", life.orphaned->why);
        set(json, "removed_in_ms",
            left ? Json{json_integer(left->count())} : Json{json_null()});
        append(all, std::move(json));
        text
            += padded(name, 20)
               + padded(std::to_string(life.rows.size()) + " switch ports", 15)
               + (left ? "removed in " + std::to_string(left->count() / 1000)
                             + " s"
                       : "not removed by itself")
               + "  " + life.orphaned->why + "\n";
    }
    return format == Format::json ? pretty(all) : text;
}

std::string
view_limits(const Engine &engine, size_t changes, Format format)
{
    const auto used = uses(engine, changes);
    Json json{json_object()};
    std::string text;
    for (const Limit &limit : all_limits) {
        const uint32_t value = engine.limits().*limit.value;
        const auto use = used.find(limit.key);
        Json entry{json_object()};
        set(entry, "limit", uint64_t{value});
        text += padded(limit.key, 24) + padded(std::to_string(value), 10);
        if (use != used.end()) {
            set(entry, "used", uint64_t{use->second});
            text += "used " + std::to_string(use->second);
        }
        text += "\n";
        set(json, limit.key, std::move(entry));
    }
    Json errors{json_array()};
    for (const std::string &error : engine.option_errors()) {
        append(errors, Json{json_string(error.c_str())});
        text += "SNAT_Global: " + error + "; the default is taken\n";
    }
    set(json, "errors", std::move(errors));
    const size_t running = count_if(engine, &Life::changing);
    text += "changes under way: " + std::to_string(running)
            + ", waiting for their turn: " + std::to_string(engine.queued())
            + "\n";
    set(json, "changes-under-way", uint64_t{running});
    set(json, "changes-queued", uint64_t{engine.queued()});
    return format == Format::json ? pretty(json) : text;
}

} // namespace snat
