#include "kernel/protocol.hh"
#include "kernel/protocol_names.hh"

#include "step/json.hh"

#include <cerrno>
#include <map>
#include <optional>
#include <utility>

namespace snat {
namespace {

// Each read() says whether the JSON was fit; 'why' tells more if something
// was not that another room reads.
class Reader {
public:
    bool read(const json_t *json, std::string &out);
    bool read(const json_t *json, bool &out);
    bool read(const json_t *json, int &out);
    bool read(const json_t *json, uint64_t &out);
    bool read(const json_t *json, uint32_t &out);
    bool read(const json_t *json, Ip &out);
    bool read(const json_t *json, std::vector<Step> &out);
    template <typename T> bool read(const json_t *json, std::vector<T> &out);
    template <typename T>
    bool read(const json_t *json, std::map<std::string, T> &out);
    bool read(const json_t *json, Error &out);
    bool read(const json_t *json, Strike &out);
    bool read(const json_t *json, Victim &out);
    bool read(const json_t *json, Digests &out);
    bool read(const json_t *json, Look &out);
    bool read(const json_t *json, Apply &out);
    bool read(const json_t *json, Announce &out);
    bool read(const json_t *json, List_owned &out);
    bool read(const json_t *json, Probe &out);
    bool read(const json_t *json, Wired &out);
    bool read(const json_t *json, Seen &out);
    bool read(const json_t *json, Applied &out);
    bool read(const json_t *json, Done &out);
    bool read(const json_t *json, std::set<std::string> &out);
    bool read(const json_t *json, Moved &out);
    bool read(const json_t *json, Count &out);
    bool read(const json_t *json, Nat_count &out);
    bool read(const json_t *json, How &out);
    bool read(const json_t *json, Process_usage &out);

    std::string why;

private:
    bool take(auto value, auto &out);
};

// An object must have the members that are asked for, and no more.
class Object {
public:
    Object(Reader &reader, const json_t *json) : reader_{reader}, json_{json}
    {
    }

    template <typename T>
    Object &
    need(const char *name, T &out)
    {
        const json_t *value = take(name);
        fine_ = fine_ && value && reader_.read(value, out);
        return *this;
    }
    template <typename T>
    Object &
    may(const char *name, std::optional<T> &out)
    {
        const json_t *value = take(name);
        fine_ = fine_ && (!value || reader_.read(value, out.emplace()));
        return *this;
    }
    bool
    is_fine() const
    {
        return fine_ && json_is_object(json_)
               && json_object_size(json_) == taken_;
    }

private:
    const json_t *
    take(const char *name)
    {
        const json_t *value = json_object_get(json_, name);
        taken_ += value != nullptr;
        return value;
    }
    Reader &reader_;
    const json_t *json_;
    size_t taken_ = 0;
    bool fine_ = true;
};

bool
Reader::read(const json_t *json, std::string &out)
{
    const char *text = json_string_value(json);
    out = text ? std::string{text, json_string_length(json)} : "";
    return text != nullptr;
}

bool
Reader::read(const json_t *json, bool &out)
{
    out = json_is_true(json);
    return json_is_boolean(json);
}

bool
Reader::read(const json_t *json, int &out)
{
    const json_int_t value = json_integer_value(json);
    out = static_cast<int>(value);
    return json_is_integer(json) && value == out;
}

bool
Reader::read(const json_t *json, uint64_t &out)
{
    const json_int_t value = json_integer_value(json);
    out = static_cast<uint64_t>(value);
    return json_is_integer(json) && value >= 0;
}

bool
Reader::read(const json_t *json, uint32_t &out)
{
    uint64_t value = 0;
    const bool fine = read(json, value);
    out = static_cast<uint32_t>(value);
    return fine && out == value;
}

template <typename T>
bool
Reader::read(const json_t *json, std::vector<T> &out)
{
    bool fine = json_is_array(json);
    for (size_t i = 0; fine && i < json_array_size(json); i++) {
        fine = read(json_array_get(json, i), out.emplace_back());
    }
    return fine;
}

bool
Reader::read(const json_t *json, std::set<std::string> &out)
{
    std::vector<std::string> texts;
    const bool fine = read(json, texts);
    out = {texts.begin(), texts.end()};
    return fine;
}

bool
Reader::read(const json_t *json, Ip &out)
{
    const char *text = json_string_value(json);
    const auto ip = parse_ip(text ? text : "");
    if (ip) {
        out = *ip;
    }
    return bool(ip);
}

template <typename T>
bool
Reader::read(const json_t *json, std::map<std::string, T> &out)
{
    bool fine = json_is_object(json);
    const char *key;
    json_t *value;
    json_object_foreach(const_cast<json_t *>(json), key, value)
    {
        fine = fine && read(value, out[key]);
    }
    return fine;
}

bool
Reader::take(auto value, auto &out)
{
    if (value) {
        out = *std::move(value);
    } else {
        why = value.error().what;
    }
    return bool(value);
}

bool
Reader::read(const json_t *json, std::vector<Step> &out)
{
    return take(steps_from_json(json), out);
}

bool
Reader::read(const json_t *json, Wired &out)
{
    return take(wired_from_json(json), out);
}

bool
Reader::read(const json_t *json, Seen &out)
{
    return Object{*this, json}
        .need("wired", out.wired)
        .may("nat", out.nat)
        .need("hosts", out.hosts)
        .is_fine();
}

bool
Reader::read(const json_t *json, Error &out)
{
    return Object{*this, json}
        .need("code", out.code)
        .need("what", out.what)
        .is_fine();
}

bool
Reader::read(const json_t *json, Strike &out)
{
    return Object{*this, json}
        .may("fail_at", out.fail_at)
        .need("error", out.error)
        .may("crash_at", out.crash_at)
        .may("fail_undo_at", out.fail_undo_at)
        .may("crash_undo_at", out.crash_undo_at)
        .need("victim", out.victim)
        .is_fine();
}

bool
Reader::read(const json_t *json, Victim &out)
{
    uint64_t value = 0;
    const bool fine
        = read(json, value) && value <= static_cast<uint64_t>(Victim::kernel);
    out = fine ? static_cast<Victim>(value) : Victim::both;
    return fine;
}

bool
Reader::read(const json_t *json, Digests &out)
{
    return Object{*this, json}
        .need("nat", out.nat)
        .need("hosts", out.hosts)
        .is_fine();
}

bool
Reader::read(const json_t *json, Look &out)
{
    return Object{*this, json}
        .need("router", out.what.router)
        .need("links", out.what.links)
        .need("sysctls", out.what.sysctls)
        .need("lent", out.what.lent)
        .need("remembered", out.what.remembered)
        .need("expected", out.expected)
        .is_fine();
}

bool
Reader::read(const json_t *json, Apply &out)
{
    return Object{*this, json}
        .need("router", out.router)
        .need("steps", out.steps)
        .need("undoing", out.undoing)
        .need("incomplete", out.incomplete)
        .need("strike", out.strike)
        .is_fine();
}

bool
Reader::read(const json_t *json, Announce &out)
{
    return Object{*this, json}
        .need("router", out.router)
        .need("links", out.links)
        .is_fine();
}

bool
Reader::read(const json_t *json, Probe &out)
{
    return Object{*this, json}
        .need("router", out.router)
        .need("links", out.links)
        .need("answers", out.answers)
        .need("timeout", out.timeout)
        .is_fine();
}

bool
Reader::read(const json_t *json, Applied &out)
{
    return Object{*this, json}
        .need("done", out.done)
        .may("error", out.error)
        .need("outstanding", out.outstanding)
        .may("undo_error", out.undo_error)
        .is_fine();
}

bool
Reader::read(const json_t *json, List_owned &)
{
    return json_is_true(json);
}

bool
Reader::read(const json_t *json, Done &)
{
    return json_is_true(json);
}

bool
Reader::read(const json_t *json, Moved &out)
{
    return Object{*this, json}
        .need("all", out.all)
        .need("routers", out.routers)
        .need("links", out.links)
        .is_fine();
}

bool
Reader::read(const json_t *json, Count &out)
{
    return Object{*this, json}.need("router", out.router).is_fine();
}

bool
Reader::read(const json_t *json, Nat_count &out)
{
    uint64_t *const numbers[] = {&out.packets, &out.bytes, &out.reply_packets,
                                 &out.reply_bytes, &out.flows};
    bool fine = json_array_size(json) == std::size(numbers);
    for (size_t i = 0; fine && i < std::size(numbers); i++) {
        fine = read(json_array_get(json, i), *numbers[i]);
    }
    return fine;
}

bool
Reader::read(const json_t *json, How &)
{
    return json_is_true(json);
}

bool
Reader::read(const json_t *json, Process_usage &out)
{
    return Object{*this, json}
        .need("cpu_us", out.cpu_us)
        .need("resident_bytes", out.resident_bytes)
        .need("virtual_bytes", out.virtual_bytes)
        .need("open_fds", out.open_fds)
        .need("max_fds", out.max_fds)
        .need("started_at", out.started_at)
        .is_fine();
}

// Makes 'body' hold the alternative whose name is a member of 'json'.
template <typename Body, size_t I = 0>
bool
read_body(Reader &reader, const json_t *json, const char *const *names,
          Body &body)
{
    if constexpr (I < std::variant_size_v<Body>) {
        const json_t *value = json_object_get(json, names[I]);
        if (!value) {
            return read_body<Body, I + 1>(reader, json, names, body);
        }
        return reader.read(value, body.template emplace<I>());
    }
    return false;
}

template <typename Message>
Result<Message>
message_from_text(std::string_view text, const char *const *names,
                  const char *what)
{
    const auto json = parse_json(text);
    if (!json) {
        return json.error();
    }
    Message message;
    Reader reader;
    const json_t *id = json_object_get(json->get(), "id");
    const bool fine = json_is_integer(id) && json_integer_value(id) >= 0
                      && json_object_size(json->get()) == 2
                      && read_body(reader, json->get(), names, message.body);
    if (!fine) {
        return Error{EBADMSG, std::string{"not "} + what
                                  + (reader.why.empty() ? "" : ": ")
                                  + reader.why};
    }
    message.id = static_cast<uint64_t>(json_integer_value(id));
    return message;
}

} // namespace

Result<Request>
request_from_text(std::string_view text)
{
    return message_from_text<Request>(text, request_names, "a request");
}

Result<Answer>
answer_from_text(std::string_view text)
{
    return message_from_text<Answer>(text, answer_names, "an answer");
}

} // namespace snat
