#include "tables/refusal.hh"

#include "router/names.hh"
#include "tables/ovs.hh"

#include <algorithm>
#include <memory>

namespace snat {
namespace {

struct Json_free {
    void
    operator()(json *json) const
    {
        json_destroy(json);
    }
};

const char *
member(const json *object, const char *name)
{
    const auto *found = static_cast<const json *>(
        shash_find_data(json_object(object), name));
    return found && found->type == JSON_STRING ? json_string(found) : nullptr;
}

// "details", or else "error", which is a word or two.
std::string
details(const std::string &refusal)
{
    const std::unique_ptr<json, Json_free> parsed{
        json_from_string(refusal.c_str())};
    if (parsed->type != JSON_OBJECT) {
        return refusal;
    }
    const char *words = member(parsed.get(), "details");
    words = words ? words : member(parsed.get(), "error");
    return words ? words : refusal;
}

// The server tells of two rows that are alike, in a first sentence, and in
// others which they are, by their UUIDs.
std::string
first_sentence(const std::string &text)
{
    return text.substr(0, text.find(".  "));
}

// "row 4f2b... because" becomes "row because".
std::string
without_uuids(std::string text)
{
    for (size_t at = 0; at < text.size(); at++) {
        uuid ignored;
        if (uuid_from_string_prefix(&ignored, text.c_str() + at)) {
            const bool has_space = at && text[at - 1] == ' ';
            text.erase(at - has_space, UUID_LEN + has_space);
            at -= at > 0;
        }
    }
    return text;
}

} // namespace

std::string
refusal_words(const std::string &refusal)
{
    constexpr size_t longest = 200;
    std::string words = without_uuids(first_sentence(details(refusal)));
    std::ranges::replace(words, '"', '\'');
    return plain(words, longest);
}

} // namespace snat
