#include "helpers.hh"

#include "accept_nat_options.hh"
#include "names.hh"

#include <algorithm>
#include <charconv>
#include <optional>

namespace snat {
namespace {

// net/netfilter/nf_conntrack_*.c; Q.931 and RAS are H.323's.
constexpr Helper_kind kinds[] = {
    {"amanda", Protocol::udp},    {"ftp", Protocol::tcp},
    {"irc", Protocol::tcp},       {"netbios-ns", Protocol::udp},
    {"pptp", Protocol::tcp},      {"Q.931", Protocol::tcp},
    {"RAS", Protocol::udp},       {"sane", Protocol::tcp},
    {"sip", Protocol::udp, true}, {"snmp", Protocol::udp},
    {"tftp", Protocol::udp},
};

constexpr size_t most_helpers = 64;

std::string
refused(const std::string &word, const std::string &expected)
{
    return "option ct-helpers: " + quoted(word) + ": expected " + expected;
}

std::string
all_names()
{
    std::vector<std::string> names;
    for (const Helper_kind &kind : kinds) {
        names.emplace_back(kind.name);
    }
    return joined(names, ", ");
}

std::optional<uint16_t>
parse_port(std::string_view text)
{
    uint16_t port = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    return error == std::errc{} && stop == end && port ? std::optional{port}
                                                       : std::nullopt;
}

// Of those that a helper can have.
std::optional<Protocol>
parse_protocol(const Helper_kind &kind, std::string_view text)
{
    for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) {
        if (text == to_string(protocol) && kind.takes(protocol)) {
            return protocol;
        }
    }
    return std::nullopt;
}

// Nothing, or what is wrong with one word of the list.
std::string
read_helper(const std::string &word, Helper &helper)
{
    const size_t colon = std::min(word.find(':'), word.size());
    const Helper_kind *kind = find_helper(word.substr(0, colon));
    if (!kind) {
        return refused(word, "NAME:PORT or NAME:PORT/PROTOCOL, NAME being one "
                             "of "
                                 + all_names());
    }
    const size_t slash = std::min(word.find('/'), word.size());
    const std::string name = kind->name;
    const auto port = colon < slash ? parse_port(std::string_view{word}.substr(
                          colon + 1, slash - colon - 1))
                                    : std::nullopt;
    if (!port) {
        return refused(word, name + ":PORT, a whole number from 1 to 65535");
    }
    const auto protocol
        = slash == word.size()
              ? std::optional{kind->protocol}
              : parse_protocol(*kind,
                               std::string_view{word}.substr(slash + 1));
    if (!protocol) {
        return refused(word,
                       kind->is_of_both
                           ? name + " over tcp or udp"
                           : name + " over " + to_string(kind->protocol));
    }
    helper = {*protocol, *port, name};
    return "";
}

// A flow has one helper at most.
std::string
add_helper(const std::string &word, std::set<Helper> &helpers)
{
    Helper helper;
    std::string wrong = read_helper(word, helper);
    if (!wrong.empty()) {
        return wrong;
    }
    const bool is_taken
        = std::ranges::any_of(helpers, [&](const Helper &other) {
              return other.protocol == helper.protocol
                     && other.port == helper.port;
          });
    if (is_taken) {
        return refused(word, "one helper for each port");
    }
    helpers.insert(helper);
    return helpers.size() <= most_helpers
               ? ""
               : refused(word, "at most " + std::to_string(most_helpers)
                                   + " helpers");
}

} // namespace

bool
Helper_kind::takes(Protocol other) const
{
    return other == protocol || (is_of_both && other != Protocol::sctp);
}

std::span<const Helper_kind>
all_helpers()
{
    return kinds;
}

const Helper_kind *
find_helper(std::string_view name)
{
    const auto found = std::ranges::find_if(
        kinds, [&](const Helper_kind &kind) { return name == kind.name; });
    return found == std::end(kinds) ? nullptr : found;
}

void
read_helpers(const std::string &text, std::set<Helper> &helpers,
             std::vector<std::string> &errors)
{
    std::set<Helper> becomes;
    for (const std::string &word : words_of(text)) {
        std::string wrong = add_helper(word, becomes);
        if (!wrong.empty()) {
            errors.push_back(std::move(wrong));
            return;
        }
    }
    helpers = std::move(becomes);
}

std::string
helpers_text(const std::set<Helper> &helpers)
{
    std::vector<std::string> words;
    for (const auto &[protocol, port, name] : helpers) {
        words.push_back(name + ":" + std::to_string(port) + "/"
                        + to_string(protocol));
    }
    return joined(words, ",");
}

} // namespace snat
