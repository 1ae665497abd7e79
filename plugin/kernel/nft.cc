#include "kernel/nft.hh"

#include "kernel/nft_helpers.hh"
#include "kernel/nft_layout.hh"
#include "kernel/nft_message.hh"
#include "kernel/nft_rules.hh"
#include "kernel/nft_text.hh"
#include "router/names.hh"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace snat {
namespace {

std::string
mark_prefix(const std::string &router)
{
    return "ovs-snatd " + router + " generation ";
}

std::string
mark(const std::string &router)
{
    return mark_prefix(router) + std::to_string(nft_generation);
}

struct Seen_table {
    std::string comment;
    bool active = false; // nft can make a table "dormant".
};

// Nothing if there is no table.
Result<std::optional<Seen_table>>
see_table(Netlink &netfilter)
{
    const Message message = nft_message(NFT_MSG_GETTABLE, 0, NFTA_TABLE_NAME);
    const auto replies = netfilter.ask(message, "look at the NAT table");
    if (!replies) {
        return replies.error().code == ENOENT
                   ? Result<std::optional<Seen_table>>{std::nullopt}
                   : replies.error();
    }
    for (const Reply &reply : *replies) {
        const Attributes table = reply.attributes(sizeof(nfgenmsg));
        return std::optional<Seen_table>{
            {nft_comment(table.bytes(NFTA_TABLE_USERDATA)),
             table.be32(NFTA_TABLE_FLAGS).value_or(0) == 0}};
    }
    return std::optional<Seen_table>{};
}

// Loading.

void
append_table(std::vector<Message> &batch, const std::string &router)
{
    Message table
        = nft_message(NFT_MSG_NEWTABLE, NLM_F_CREATE, NFTA_TABLE_NAME);
    table.put_be32(NFTA_TABLE_FLAGS, 0);
    put_nft_comment(table, NFTA_TABLE_USERDATA, mark(router));
    batch.push_back(std::move(table));
}

using Elements = std::map<std::string, std::vector<Nft_element>>; // By set.

Result<Elements>
elements_of(const Nat &nat)
{
    Elements elements;
    for (const auto &[name, table] : nat.tables) {
        const Nft_set *set = find_nft_set(name);
        if (!set) {
            return Error{EINVAL, "there is no table " + plain(name)};
        }
        for (const auto &[key, value] : table) {
            auto element = nft_element(*set, key, value);
            if (!element) {
                return element.error();
            }
            elements[name].push_back(*std::move(element));
        }
    }
    return elements;
}

void
append_sets(std::vector<Message> &batch, const Elements &elements)
{
    uint32_t id = 0;
    for (const Nft_set &set : nft_sets()) {
        batch.push_back(nft_new_set(set, ++id));
        const auto found = elements.find(set.name);
        if (found != elements.end()) {
            append_with_helpers(batch, NFT_MSG_NEWSETELEM, set, found->second);
        }
    }
}

void
append_rules(std::vector<Message> &batch)
{
    for (const Nft_rule &rule : nft_rules()) {
        Message message = nft_message(
            NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, NFTA_RULE_TABLE);
        message.put_text(NFTA_RULE_CHAIN, rule.chain);
        message.nest(NFTA_RULE_EXPRESSIONS, [&] {
            Nft_expressions expressions{message};
            rule.write(expressions);
        });
        put_nft_comment(message, NFTA_RULE_USERDATA, rule.comment);
        batch.push_back(std::move(message));
    }
}

// A table that is added first can be deleted for certain, be it there or not.
void
append_no_table(std::vector<Message> &batch, const std::string &router)
{
    append_table(batch, router);
    batch.push_back(nft_message(NFT_MSG_DELTABLE, 0, NFTA_TABLE_NAME));
}

// Sends a batch that adds 'added'.
Outcome
send_added(Netlink &netfilter, const std::vector<Message> &batch,
           const char *what, const Nat &added)
{
    const Outcome outcome = netfilter.send(batch, what);
    return outcome ? outcome
                   : explain_helpers(netfilter, outcome.error(),
                                     *find_nft_set("helpers"),
                                     added.table("helpers"));
}

Outcome
load(Netlink &netfilter, const std::string &router,
     const std::optional<Nat> &nat)
{
    const auto elements = elements_of(nat.value_or(Nat{}));
    if (!elements) {
        return elements.error();
    }
    std::vector<Message> batch;
    batch.push_back(nft_batch_begin());
    append_no_table(batch, router);
    if (nat) {
        append_table(batch, router);
        append_sets(batch, *elements);
        for (const Nft_chain &chain : nft_chains()) {
            batch.push_back(nft_new_chain(chain));
        }
        append_rules(batch);
    }
    batch.push_back(nft_batch_end());
    return send_added(netfilter, batch,
                      nat ? "load the NAT rules" : "unload the NAT rules",
                      nat.value_or(Nat{}));
}

// Reading back.

// Calls 'take' with the attributes of each element.
Outcome
for_each_element(Netlink &netfilter, const std::string &set,
                 const std::function<void(const Attributes &)> &take)
{
    Message message = nft_message(NFT_MSG_GETSETELEM, NLM_F_DUMP,
                                  NFTA_SET_ELEM_LIST_TABLE);
    message.put_text(NFTA_SET_ELEM_LIST_SET, set);
    const auto replies = netfilter.ask(message, "look at the NAT tables");
    if (!replies) {
        return replies.error();
    }
    for (const Reply &reply : *replies) {
        reply.attributes(sizeof(nfgenmsg))
            .nested(NFTA_SET_ELEM_LIST_ELEMENTS)
            .for_each(take);
    }
    return Done{};
}

std::string
data_of(const Attributes &element, int attribute)
{
    return std::string{element.nested(attribute).bytes(NFTA_DATA_VALUE)};
}

Result<Nat_table>
see_entries(Netlink &netfilter, const Nft_set &set)
{
    Nat_table table;
    const auto take = [&](const Attributes &element) {
        const Attributes own
            = element.nested(NFTA_SET_ELEM_EXPR).nested(NFTA_EXPR_DATA);
        const Attributes limit = set.is_limited ? own : Attributes{},
                         most = set.is_numbered ? own : Attributes{};
        const auto [key, value] = nft_entry(
            set, {data_of(element, NFTA_SET_ELEM_KEY),
                  data_of(element, NFTA_SET_ELEM_KEY_END),
                  data_of(element, NFTA_SET_ELEM_DATA),
                  nft_comment(element.bytes(NFTA_SET_ELEM_USERDATA)),
                  limit.be64(NFTA_LIMIT_RATE).value_or(0),
                  limit.be32(NFTA_LIMIT_BURST).value_or(0),
                  most.be32(NFTA_CONNLIMIT_COUNT).value_or(0),
                  element.text(NFTA_SET_ELEM_OBJREF)});
        table.insert(key, value);
    };
    const Outcome outcome = for_each_element(netfilter, set.name, take);
    return outcome ? Result{table} : outcome.error();
}

Result<Nat>
see_tables(Netlink &netfilter)
{
    Nat nat;
    for (const Nft_set &set : nft_sets()) {
        auto table = see_entries(netfilter, set);
        if (!table) {
            return table.error();
        }
        if (!table->empty()) {
            nat.tables[set.name] = *std::move(table);
        }
    }
    return nat;
}

bool
is_missing(const Error &error)
{
    return error.code == ENOENT;
}

Nat
damaged()
{
    Nat nat;
    nat.damaged = true;
    return nat;
}

Result<Nat>
see_content(Netlink &netfilter)
{
    const auto right = has_right_rules(netfilter);
    if (!right) {
        return right.error();
    }
    if (!*right) {
        return damaged();
    }
    auto nat = see_tables(netfilter);
    if (!nat) {
        return nat;
    }
    const auto has_all = has_helpers(netfilter, *find_nft_set("helpers"),
                                     nat->table("helpers"));
    return !has_all ? has_all.error() : *has_all ? nat : damaged();
}

// Remembers it if all of it is of that generation.  But some damage goes by
// itself, without a commit, as a hook does with its device.
Result<Nat>
see_anew(Netlink &netfilter, uint32_t generation,
         std::optional<Nat_memory> &memory)
{
    if (const Outcome waited = wait_for_commit(netfilter); !waited) {
        return waited.error();
    }
    auto nat = see_content(netfilter);
    const auto since = see_generation(netfilter);
    if (nat && !nat->damaged && since && *since == generation) {
        memory = {generation, *nat};
    }
    return nat;
}

} // namespace

Result<bool>
carries_mark(Netlink &netfilter, const std::string &router)
{
    const auto table = see_table(netfilter);
    if (!table) {
        return table.error();
    }
    return *table && (*table)->comment.starts_with(mark_prefix(router));
}

Result<std::optional<Nat>>
see_nat(Netlink &netfilter, const std::string &router,
        std::optional<Nat_memory> &memory)
{
    const auto generation = see_generation(netfilter);
    const auto table = see_table(netfilter);
    if (!generation || !table) {
        return generation ? table.error() : generation.error();
    }
    if (!*table || !(*table)->comment.starts_with(mark_prefix(router))) {
        return std::optional<Nat>{};
    }
    if (!(*table)->active || (*table)->comment != mark(router)) {
        return std::optional{damaged()};
    }
    if (memory && memory->generation == *generation) {
        return std::optional{memory->nat};
    }
    const auto seen = see_anew(netfilter, *generation, memory);
    if (!seen) {
        return is_missing(seen.error()) ? Result{std::optional{damaged()}}
                                        : seen.error();
    }
    return std::optional{*seen};
}

Outcome
set_nat(Netlink &netfilter, const std::string &router,
        const std::optional<Nat> &becomes)
{
    return becomes && becomes->damaged ? Done{}
                                       : load(netfilter, router, becomes);
}

namespace {

using Items = std::vector<Change_nat::Item>;

// All that goes before all that comes, since a changed value is a new element
// with an old key, and a range may take another's place.
Outcome
change(Netlink &netfilter, const Items &items, uint32_t generation = 0)
{
    Nat gone, added;
    for (const auto &[table, key, was, becomes] : items) {
        if (was) {
            gone.tables[table].set(key, *was);
        }
        if (becomes) {
            added.tables[table].set(key, *becomes);
        }
    }
    std::vector<Message> batch;
    batch.push_back(nft_batch_begin(generation));
    for (const auto &[nat, type] : {std::pair{&gone, NFT_MSG_DELSETELEM},
                                    std::pair{&added, NFT_MSG_NEWSETELEM}}) {
        const auto elements = elements_of(*nat);
        if (!elements) {
            return elements.error();
        }
        for (const auto &[name, list] : *elements) {
            append_with_helpers(batch, uint16_t(type), *find_nft_set(name),
                                list);
        }
    }
    batch.push_back(nft_batch_end());
    return send_added(netfilter, batch, "change the NAT tables", added);
}

// As they are now, those tables that 'items' change.
Result<Nat>
see_tables_of(Netlink &netfilter, const Items &items)
{
    Nat nat;
    for (const auto &item : items) {
        if (!nat.tables.contains(item.table)) {
            auto table = see_entries(netfilter, *find_nft_set(item.table));
            if (!table) {
                return table.error();
            }
            nat.tables[item.table] = *std::move(table);
        }
    }
    return nat;
}

// What is left to be done.
Items
rest_of(const Items &items, const Nat &now)
{
    Items rest;
    for (Change_nat::Item item : items) {
        const std::string *value = now.table(item.table).find(item.key);
        item.was = value ? std::optional{*value} : std::nullopt;
        if (item.was != item.becomes) {
            rest.push_back(std::move(item));
        }
    }
    return rest;
}

// False if the tables may not be any more as they are remembered.  Something
// of them is changed, so this is a commit, and the only one between the two
// generations.
bool
change_remembered(Netlink &netfilter, const Items &items, Nat_memory &memory)
{
    const Items rest = rest_of(items, memory.nat);
    if (rest.empty() || !change(netfilter, rest, memory.generation)) {
        return false;
    }
    memory.generation = next_generation(memory.generation);
    for (const auto &[table, key, was, becomes] : rest) {
        memory.nat.set(table, key, becomes);
    }
    return true;
}

} // namespace

// After a crash nobody knows whether it was done already.
Outcome
change_nat(Netlink &netfilter, const Change_nat &step,
           std::optional<Nat_memory> &memory)
{
    if (memory && change_remembered(netfilter, step.entries, *memory)) {
        return Done{};
    }
    const Outcome outcome = change(netfilter, step.entries);
    if (outcome || outcome.error().code == EINVAL) {
        return outcome;
    }
    const auto now = see_tables_of(netfilter, step.entries);
    if (!now) {
        return outcome;
    }
    const Items rest = rest_of(step.entries, *now);
    return rest.empty() ? Outcome{Done{}} : change(netfilter, rest);
}

Result<std::map<uint32_t, Nft_counter>>
see_counters(Netlink &netfilter, const std::string &set)
{
    std::map<uint32_t, Nft_counter> counters;
    const auto take = [&](const Attributes &element) {
        const std::string key = data_of(element, NFTA_SET_ELEM_KEY);
        uint32_t mark = 0;
        memcpy(&mark, key.data(), std::min(key.size(), sizeof mark));
        const Attributes counter
            = element.nested(NFTA_SET_ELEM_EXPR).nested(NFTA_EXPR_DATA);
        counters[mark] = {counter.be64(NFTA_COUNTER_PACKETS).value_or(0),
                          counter.be64(NFTA_COUNTER_BYTES).value_or(0),
                          nft_comment(element.bytes(NFTA_SET_ELEM_USERDATA))};
    };
    const Outcome outcome = for_each_element(netfilter, set, take);
    return outcome ? Result{counters} : outcome.error();
}

} // namespace snat
