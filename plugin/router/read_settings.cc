#include "read_settings.hh"

#include "accept_nat_options.hh"
#include "helpers.hh"
#include "names.hh"
#include "timeouts.hh"
#include "wired.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace snat {
namespace {

using Errors = std::vector<std::string>;

// An option whose words stand for values of one sysctl.
struct Choice {
    const char *key, *sysctl;
    std::vector<std::pair<const char *, const char *>> values;
};

const std::vector<Choice> &
choices()
{
    static const std::vector<Choice> all = {
        {"arp-ignore",
         "net/ipv4/conf/all/arp_ignore",
         {{"0", "0"}, {"1", "1"}, {"2", "2"}, {"3", "3"}, {"8", "8"}}},
        {"arp-announce",
         "net/ipv4/conf/all/arp_announce",
         {{"0", "0"}, {"1", "1"}, {"2", "2"}}},
        {"ip-nonlocal-bind",
         "net/ipv4/ip_nonlocal_bind",
         {{"false", "0"}, {"true", "1"}}},
        {"conntrack-tcp-be-liberal",
         "net/netfilter/nf_conntrack_tcp_be_liberal",
         {{"false", "0"}, {"true", "1"}}},
        {"conntrack-tcp-loose",
         "net/netfilter/nf_conntrack_tcp_loose",
         {{"false", "0"}, {"true", "1"}}},
    };
    return all;
}

std::string
refused(const char *key, const std::string &text, const std::string &expected)
{
    return "option " + std::string{key} + ": " + quoted(text) + ": expected "
           + expected;
}

void
set_sysctl(Settings &settings, const std::string &path,
           const std::string &value)
{
    if (usual_sysctls().at(path) == value) {
        settings.sysctls.erase(path);
    } else {
        settings.sysctls[path] = value;
    }
}

void
read_choice(const Choice &choice, const std::string &text, Settings &settings,
            Errors &errors)
{
    std::vector<std::string> words;
    for (const auto &[word, value] : choice.values) {
        if (text == word) {
            set_sysctl(settings, choice.sysctl, value);
            return;
        }
        words.emplace_back(word);
    }
    errors.push_back(refused(choice.key, text, one_of(words)));
}

const Timeout *
find_timeout(std::string_view name)
{
    const auto found = std::ranges::find_if(
        all_timeouts(), [&](const Timeout &one) { return name == one.name; });
    return found == all_timeouts().end() ? nullptr : &*found;
}

constexpr const char *timeouts_key = "ct-timeouts";

// The names that begin as the word does; all of them would be a long sentence.
std::string
expected_timeout(const std::string &word)
{
    const std::string start = word.substr(0, word.find_first_of(":-"));
    std::vector<std::string> alike, beginnings;
    for (const Timeout &one : all_timeouts()) {
        const std::string name = one.name;
        const std::string beginning = name.substr(0, name.find('-'));
        if (beginning == start) {
            alike.push_back(name);
        }
        if (!std::ranges::count(beginnings, beginning)) {
            beginnings.push_back(beginning);
        }
    }
    return alike.empty()
               ? "NAME:SECONDS, NAME beginning with " + one_of(beginnings)
               : "NAME:SECONDS, NAME being " + one_of(alike);
}

// Nothing, or what is wrong with one word of the list.
std::string
read_timeout(const std::string &word, Settings &settings)
{
    const size_t colon = std::min(word.find(':'), word.size());
    const Timeout *timeout = find_timeout(word.substr(0, colon));
    if (!timeout) {
        return refused(timeouts_key, word, expected_timeout(word));
    }
    uint32_t seconds = 0;
    const char *start = word.data() + std::min(colon + 1, word.size()),
               *end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(start, end, seconds);
    if (error != std::errc{} || stop != end || seconds < least_timeout
        || seconds > most_timeout) {
        return refused(timeouts_key, word,
                       std::string{timeout->name}
                           + ":SECONDS, a whole number from "
                           + std::to_string(least_timeout) + " to "
                           + std::to_string(most_timeout));
    }
    settings.sysctls[timeout->path()] = std::to_string(seconds);
    return "";
}

// The list counts as a whole or not at all.
void
read_timeouts(const std::string &text, Settings &settings, Errors &errors)
{
    Settings becomes = settings;
    std::set<std::string> told;
    for (const std::string &word : words_of(text)) {
        std::string wrong = read_timeout(word, becomes);
        if (wrong.empty()
            && !told.insert(word.substr(0, word.find(':'))).second) {
            wrong = refused(timeouts_key, word, "each time-out once");
        }
        if (!wrong.empty()) {
            errors.push_back(std::move(wrong));
            return;
        }
    }
    settings = std::move(becomes);
}

// What 'settings' make of a sysctl that has a usual value.
std::string
value_of(const Settings &settings, const std::string &path,
         const std::string &usual)
{
    const auto found = settings.sysctls.find(path);
    return found == settings.sysctls.end() ? usual : found->second;
}

constexpr const char *helpers_key = "ct-helpers", *limit_key = "ct-limit";
constexpr std::array other_keys = {timeouts_key, helpers_key, limit_key};

void
read_limit(const Options &options, Settings &settings, Errors &errors)
{
    constexpr uint32_t most = 1'000'000;
    uint32_t flows = settings.max_flows;
    if (const Check wrong = read_option(options, limit_key, 0, most, flows)) {
        errors.push_back(wrong->what);
    } else {
        settings.max_flows = flows;
    }
}

void
write_choice(const Choice &choice, const Settings &base,
             const Settings &wanted, Options &options)
{
    const std::string &usual = usual_sysctls().at(choice.sysctl);
    const std::string becomes = value_of(wanted, choice.sysctl, usual);
    if (becomes == value_of(base, choice.sysctl, usual)) {
        return;
    }
    for (const auto &[word, value] : choice.values) {
        if (becomes == value) {
            options[choice.key] = word;
        }
    }
}

void
write_timeouts(const Settings &base, const Settings &wanted, Options &options)
{
    std::vector<std::string> words;
    for (const Timeout &one : all_timeouts()) {
        const std::string usual = std::to_string(one.usual);
        const auto asked = wanted.sysctls.find(one.path());
        const auto by_base = base.sysctls.find(one.path());
        const bool is_asked = asked != wanted.sysctls.end();
        const bool is_by_base = by_base != base.sysctls.end();
        if ((is_asked || is_by_base)
            && !(is_asked && is_by_base && asked->second == by_base->second)) {
            words.push_back(std::string{one.name} + ":"
                            + value_of(wanted, one.path(), usual));
        }
    }
    if (!words.empty()) {
        options[timeouts_key] = joined(words, ",");
    }
}

} // namespace

std::vector<const char *>
settings_keys()
{
    std::vector<const char *> keys{other_keys.begin(), other_keys.end()};
    for (const Choice &choice : choices()) {
        keys.push_back(choice.key);
    }
    return keys;
}

void
read_settings(const Options &options, Settings &settings, Errors &errors)
{
    for (const Choice &choice : choices()) {
        if (auto found = options.find(choice.key); found != options.end()) {
            read_choice(choice, found->second, settings, errors);
        }
    }
    if (auto found = options.find(timeouts_key); found != options.end()) {
        read_timeouts(found->second, settings, errors);
    }
    if (auto found = options.find(helpers_key); found != options.end()) {
        read_helpers(found->second, settings.helpers, errors);
    }
    read_limit(options, settings, errors);
}

Options
write_settings(Options options, const Settings &base, const Settings &wanted)
{
    Settings now = base;
    Errors errors;
    read_settings(options, now, errors);
    if (now == wanted && errors.empty()) {
        return options;
    }
    for (const Choice &choice : choices()) {
        options.erase(choice.key);
        write_choice(choice, base, wanted, options);
    }
    for (const char *key : other_keys) {
        options.erase(key);
    }
    write_timeouts(base, wanted, options);
    if (wanted.helpers != base.helpers) {
        options[helpers_key] = helpers_text(wanted.helpers);
    }
    if (wanted.max_flows != base.max_flows) {
        options[limit_key] = std::to_string(wanted.max_flows);
    }
    return options;
}

} // namespace snat
