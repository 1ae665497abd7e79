#include "change/history.hh"

#include "router/excerpt.hh"
#include "router/names.hh"
#include "step/json.hh"

#include <algorithm>
#include <optional>
#include <ranges>
#include <utility>

namespace snat {
namespace {

using Known = std::optional<Nat_set>;

std::string
text_of(const Told &told, const Told &other)
{
    return told.router ? dump(to_json(excerpt_of(*told.router, other.router)))
                       : told.lost;
}

std::optional<Excerpt>
read_excerpt(const std::string &text)
{
    auto json = parse_json(text);
    if (!json) {
        return std::nullopt;
    }
    auto excerpt = excerpt_from_json(json->get());
    const bool fine
        = excerpt && check_router_name(excerpt->router.name)
          && std::ranges::all_of(excerpt->router.ports, [](const auto &port) {
                 return bool(check_link_name(port.first));
             });
    return fine ? std::optional{std::move(*excerpt)} : std::nullopt;
}

bool
tells(const std::string &text, const Told &told, const Told &other)
{
    if (text == text_of(told, other)) {
        return true;
    }
    const auto excerpt = read_excerpt(text);
    return excerpt && told.router
           && (*excerpt == excerpt_of(*told.router, other.router)
               || *excerpt == Excerpt{*told.router, std::nullopt});
}

bool
is_whole(const std::optional<Excerpt> &excerpt)
{
    return excerpt && excerpt->is_whole();
}

Told
complete(const std::string &text, const std::optional<Excerpt> &excerpt,
         const Known &common)
{
    Told told;
    if (excerpt && common) {
        told.router = complete(*excerpt, *common);
    }
    told.lost = told.router ? "" : text;
    return told;
}

// 'known' are the rules that were good after the change, and then before it.
Change
read_change(Record record, Known &known)
{
    Change &change = record.change;
    const auto &[before_text, after_text] = record.texts;
    const auto before = read_excerpt(before_text),
               after = read_excerpt(after_text);
    const auto &good
        = change.state == Change_state::committed ? after : before;
    Known common;
    if (is_whole(before) || is_whole(after)) {
        common.emplace();
    } else if (known && good) {
        common = without(*known, good->router.nat);
    }
    change.before = complete(before_text, before, common);
    change.after = complete(after_text, after, common);
    known
        = change.before.is_lost() ? std::nullopt : Known{change.before.nat()};
    return std::move(change);
}

} // namespace

Texts
texts_of(const Change &change)
{
    return {text_of(change.before, change.after),
            text_of(change.after, change.before)};
}

Texts
Texts_of_changes::of(const Change &change)
{
    Made &made = made_[change.number];
    if (made.before != change.before || made.after != change.after) {
        made = {change.before, change.after, texts_of(change)};
    }
    Texts texts = made.texts;
    if (change.finished_at) {
        made_.erase(change.number);
    }
    return texts;
}

bool
tells(const Texts &texts, const Change &change)
{
    return tells(texts.before, change.before, change.after)
           && tells(texts.after, change.after, change.before);
}

std::string
rule_to_text(const Nat_rule &rule)
{
    return dump(to_json(rule));
}

std::optional<Nat_rule>
rule_from_text(const std::string &text)
{
    const auto json = parse_json(text);
    if (!json) {
        return std::nullopt;
    }
    auto rule = nat_rule_from_json(json->get());
    return rule ? std::optional{std::move(*rule)} : std::nullopt;
}

std::vector<Change>
read_history(std::vector<Record> records, Good_rules good)
{
    std::map<std::string, Known> known;
    for (auto &[router, rules] : good) {
        known[router] = std::move(rules);
    }
    std::vector<Change> changes;
    for (Record &record : std::views::reverse(records)) {
        auto &rules
            = known.try_emplace(record.change.router, Nat_set{}).first->second;
        changes.push_back(read_change(std::move(record), rules));
    }
    std::ranges::reverse(changes);
    return changes;
}

} // namespace snat
