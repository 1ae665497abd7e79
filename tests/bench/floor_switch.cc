#include "floor_switch.hh"

#include "client.hh"

extern "C" {
#include "jsonrpc.h"
}

namespace bench {
namespace {

// Null if it has none of that name.
const json *
member(const json *object, const char *name)
{
    return static_cast<const json *>(
        shash_find_data(json_object(object), name));
}

// Those that are there, of a table's update; null: nothing of it has changed.
template <typename Take>
void
for_each_row(const json *rows, Take take)
{
    const shash_node *node;
    if (!rows) {
        return;
    }
    SHASH_FOR_EACH(node, json_object(rows))
    {
        if (const auto *row
            = member(static_cast<const json *>(node->data), "new")) {
            take(row);
        }
    }
}

std::string
quoted(const std::string &text)
{
    return "\"" + text + "\"";
}

// Two rows, the first of them the one that its bridge refers to.
constexpr size_t operations_each = 2;

std::string
operations_to_add(const Floor_port &port, size_t number)
{
    const std::string n = std::to_string(number);
    const std::string tag
        = port.tag ? R"(, "tag": )" + std::to_string(port.tag) : "";
    return R"(, {"op": "insert", "table": "Port", "uuid-name": "p)" + n
           + R"(", "row": {"name": )" + quoted(port.name) + tag
           + R"(, "interfaces": ["named-uuid", "i)" + n
           + R"("]}}, {"op": "insert", "table": "Interface", "uuid-name": "i)"
           + n + R"(", "row": {"name": )" + quoted(port.name) + R"(, "type": )"
           + quoted(port.type) + "}}";
}

// Lists of UUIDs, by bridge.
using By_bridge = std::map<std::string, std::string>;

void
append(By_bridge &lists, const Floor_port &port, const char *kind,
       const std::string &uuid)
{
    std::string &list = lists[port.bridge];
    list += std::string{list.empty() ? "[" : ", ["} + quoted(kind) + ", "
            + quoted(uuid) + "]";
}

std::string
operations_on_bridges(const By_bridge &lists, const char *what)
{
    std::string operations;
    for (const auto &[bridge, uuids] : lists) {
        operations += R"(, {"op": "mutate", "table": "Bridge", "where": [)"
                      R"(["name", "==", )"
                      + quoted(bridge) + R"(]], "mutations": [["ports", )"
                      + quoted(what) + R"(, ["set", [)" + uuids + "]]]]}";
    }
    return operations;
}

constexpr const char *monitored
    = R"(["Open_vSwitch", "floor", {"Interface": {"columns": ["name", "ofport"]
      }, "Open_vSwitch": {"columns": ["cur_cfg"]}}])";
constexpr const char *counting
    = R"(["Open_vSwitch", {"op": "mutate", "table": "Open_vSwitch", "where":
      [], "mutations": [["next_cfg", "+=", 1]]}, {"op": "select", "table":
      "Open_vSwitch", "where": [], "columns": ["next_cfg"]}])";

} // namespace

Floor_switch::Floor_switch()
{
    const std::string remote
        = std::string{"unix:"} + ovs_rundir() + "/db.sock";
    struct stream *stream = nullptr;
    if (stream_open_block(jsonrpc_stream_open(remote.c_str(), &stream, 0), -1,
                          &stream)) {
        give_up("cannot connect to the switch's database");
    }
    rpc_ = jsonrpc_open(stream);
    json *initial = answer_to(request("monitor", monitored));
    take_update(initial);
    json_destroy(initial);
}

json *
Floor_switch::request(const std::string &method, const std::string &params)
{
    json *id = nullptr;
    auto *message = jsonrpc_create_request(
        method.c_str(), json_from_string(params.c_str()), &id);
    if (jsonrpc_send(rpc_, message)) {
        give_up("the switch's database has hung up");
    }
    return id;
}

json *
Floor_switch::receive(const json *id)
{
    jsonrpc_msg *message = nullptr;
    if (jsonrpc_recv_block(rpc_, &message)) {
        give_up("the switch's database has hung up");
    }
    json *result = nullptr;
    if (message->type == JSONRPC_NOTIFY) {
        take_update(json_array(message->params)->elems[1]);
    } else if (message->type == JSONRPC_REPLY && json_equal(message->id, id)) {
        std::swap(result, message->result);
    } else {
        give_up("the switch's database has refused something");
    }
    jsonrpc_msg_destroy(message);
    return result;
}

json *
Floor_switch::answer_to(json *id)
{
    json *result = nullptr;
    while (!result) {
        result = receive(id);
    }
    json_destroy(id);
    return result;
}

void
Floor_switch::take_update(const json *update)
{
    for_each_row(member(update, "Interface"), [&](const json *row) {
        const json *port = member(row, "ofport");
        if (port->type == JSON_INTEGER && json_integer(port) > 0) {
            closed_.erase(json_string(member(row, "name")));
        }
    });
    for_each_row(member(update, "Open_vSwitch"), [&](const json *row) {
        cur_cfg_ = json_integer(member(row, "cur_cfg"));
    });
}

void
Floor_switch::add(const std::vector<Floor_port> &ports)
{
    std::string operations = R"(["Open_vSwitch")";
    By_bridge added;
    for (size_t i = 0; i < ports.size(); i++) {
        operations += operations_to_add(ports[i], i);
        append(added, ports[i], "named-uuid", "p" + std::to_string(i));
        closed_.insert(ports[i].name);
    }
    adding_ = ports;
    added_ = request(
        "transact", operations + operations_on_bridges(added, "insert") + "]");
}

void
Floor_switch::take_result(const json *result)
{
    const auto *results = json_array(result);
    for (size_t i = 0; i < adding_.size(); i++) {
        const json *uuid = member(results->elems[i * operations_each], "uuid");
        if (!uuid) {
            give_up("the switch's database has refused a port");
        }
        uuids_[adding_[i].name] = json_string(json_array(uuid)->elems[1]);
    }
}

void
Floor_switch::wait_for_ports()
{
    while (added_ || !closed_.empty()) {
        if (json *result = receive(added_)) {
            take_result(result);
            json_destroy(result);
            json_destroy(added_);
            added_ = nullptr;
        }
    }
}

void
Floor_switch::remove(const std::vector<Floor_port> &ports)
{
    By_bridge removed;
    for (const Floor_port &port : ports) {
        append(removed, port, "uuid", uuids_.at(port.name));
        uuids_.erase(port.name);
    }
    json_destroy(answer_to(request(
        "transact", R"(["Open_vSwitch")"
                        + operations_on_bridges(removed, "delete") + "]")));
}

void
Floor_switch::settle()
{
    json *result = answer_to(request("transact", counting));
    const json *rows = member(json_array(result)->elems[1], "rows");
    const int64_t wanted
        = json_integer(member(json_array(rows)->elems[0], "next_cfg"));
    json_destroy(result);
    while (cur_cfg_ < wanted) {
        receive(nullptr);
    }
}

} // namespace bench
