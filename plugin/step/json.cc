// Between JSON and its text.

#include "step/json.hh"

#include "router/names.hh"

namespace snat {

std::string
dump(const Json &json, int indent)
{
    const size_t flags = indent ? JSON_INDENT(indent) : JSON_COMPACT;
    char *text = json_dumps(json.get(), flags);
    std::string out = text ? text : "";
    free(text);
    return out;
}

Result<Json>
parse_json(std::string_view text)
{
    json_error_t error;
    Json json{
        json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error)};
    if (!json) {
        return Error{0, "not JSON: " + plain(error.text)};
    }
    return json;
}

} // namespace snat
