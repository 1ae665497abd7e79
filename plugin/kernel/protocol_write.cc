#include "kernel/protocol.hh"
#include "kernel/protocol_names.hh"

#include "step/json.hh"

#include <map>
#include <optional>
#include <utility>

namespace snat {
namespace {

// json_string() refuses what is not UTF-8, which some text of the kernel's
// might be.
json_t *
write(const std::string &text)
{
    json_t *json = json_stringn(text.data(), text.size());
    return json ? json : json_string("?");
}

json_t *
write(uint64_t number)
{
    return json_integer(static_cast<json_int_t>(number));
}

json_t *
write(const Ip &ip)
{
    return write(to_string(ip));
}

json_t *write(const Digests &digests);

json_t *
write(const std::ranges::range auto &items)
{
    json_t *json = json_array();
    for (const auto &item : items) {
        json_array_append_new(json, write(item));
    }
    return json;
}

template <typename T>
json_t *
write(const std::map<std::string, T> &items)
{
    json_t *json = json_object();
    for (const auto &[name, item] : items) {
        json_object_set_new(json, name.c_str(), write(item));
    }
    return json;
}

json_t *
write(const Error &error)
{
    json_t *json = json_object();
    json_object_set_new(json, "code", json_integer(error.code));
    json_object_set_new(json, "what", write(error.what));
    return json;
}

json_t *write(const Strike &strike);
json_t *write(const Look &body);
json_t *write(const Apply &body);
json_t *write(const Announce &body);
json_t *write(const List_owned &);
json_t *write(const Probe &body);
json_t *write(const Wired &wired);
json_t *write(const Seen &seen);
json_t *write(const Applied &applied);
json_t *write(const Done &);
json_t *write(const Moved &moved);
json_t *write(const Count &body);
json_t *write(const Nat_counts &counts);
json_t *write(const How &);
json_t *write(const Process_usage &usage);

template <typename T>
void
put(json_t *object, const char *name, const T &value)
{
    json_object_set_new(object, name, write(value));
}

template <typename T>
void
put(json_t *object, const char *name, const std::optional<T> &value)
{
    if (value) {
        put(object, name, *value);
    }
}

json_t *
write(const Strike &strike)
{
    json_t *json = json_object();
    put(json, "fail_at", strike.fail_at);
    json_object_set_new(json, "error", json_integer(strike.error));
    put(json, "crash_at", strike.crash_at);
    put(json, "fail_undo_at", strike.fail_undo_at);
    put(json, "crash_undo_at", strike.crash_undo_at);
    put(json, "victim", static_cast<uint64_t>(strike.victim));
    return json;
}

json_t *
write(const Digests &digests)
{
    json_t *json = json_object();
    put(json, "nat", digests.nat);
    put(json, "hosts", digests.hosts);
    return json;
}

json_t *
write(const Look &body)
{
    json_t *json = json_object();
    put(json, "router", body.what.router);
    put(json, "links", body.what.links);
    put(json, "sysctls", body.what.sysctls);
    json_object_set_new(json, "lent", json_boolean(body.what.lent));
    json_object_set_new(json, "remembered",
                        json_boolean(body.what.remembered));
    put(json, "expected", body.expected);
    return json;
}

json_t *
write(const Apply &body)
{
    json_t *json = json_object();
    put(json, "router", body.router);
    json_object_set_new(json, "steps", to_json(body.steps).release());
    json_object_set_new(json, "undoing", json_boolean(body.undoing));
    json_object_set_new(json, "incomplete", json_boolean(body.incomplete));
    put(json, "strike", body.strike);
    return json;
}

json_t *
write(const Announce &body)
{
    json_t *json = json_object();
    put(json, "router", body.router);
    put(json, "links", body.links);
    return json;
}

json_t *
write(const Probe &body)
{
    json_t *json = json_object();
    put(json, "router", body.router);
    put(json, "links", body.links);
    json_object_set_new(json, "answers", json_boolean(body.answers));
    put(json, "timeout", uint64_t{body.timeout});
    return json;
}

json_t *
write(const Applied &applied)
{
    json_t *json = json_object();
    put(json, "done", uint64_t{applied.done});
    put(json, "error", applied.error);
    json_object_set_new(json, "outstanding",
                        to_json(applied.outstanding).release());
    put(json, "undo_error", applied.undo_error);
    return json;
}

json_t *
write(const List_owned &)
{
    return json_true();
}

json_t *
write(const Done &)
{
    return json_true();
}

json_t *
write(const Wired &wired)
{
    return to_json(wired).release();
}

json_t *
write(const Seen &seen)
{
    json_t *json = json_object();
    put(json, "wired", seen.wired);
    put(json, "nat", seen.nat);
    put(json, "hosts", seen.hosts);
    return json;
}

json_t *
write(const Moved &moved)
{
    json_t *json = json_object();
    json_object_set_new(json, "all", json_boolean(moved.all));
    put(json, "routers", moved.routers);
    put(json, "links", moved.links);
    return json;
}

json_t *
write(const Count &body)
{
    json_t *json = json_object();
    put(json, "router", body.router);
    return json;
}

json_t *
write(const Nat_counts &counts)
{
    json_t *json = json_object();
    for (const auto &[rule, count] : counts) {
        put(json, rule.c_str(),
            std::vector<uint64_t>{count.packets, count.bytes,
                                  count.reply_packets, count.reply_bytes,
                                  count.flows});
    }
    return json;
}

json_t *
write(const How &)
{
    return json_true();
}

json_t *
write(const Process_usage &usage)
{
    json_t *json = json_object();
    put(json, "cpu_us", usage.cpu_us);
    put(json, "resident_bytes", usage.resident_bytes);
    put(json, "virtual_bytes", usage.virtual_bytes);
    put(json, "open_fds", usage.open_fds);
    put(json, "max_fds", usage.max_fds);
    put(json, "started_at", usage.started_at);
    return json;
}

std::string
message_text(uint64_t id, const char *name, const auto &body)
{
    const Json json{json_object()};
    put(json.get(), "id", id);
    std::visit([&](const auto &b) { put(json.get(), name, b); }, body);
    return dump(json);
}

} // namespace

std::string
to_text(const Request &request)
{
    return message_text(request.id, request_names[request.body.index()],
                        request.body);
}

std::string
to_text(const Answer &answer)
{
    return message_text(answer.id, answer_names[answer.body.index()],
                        answer.body);
}

} // namespace snat
