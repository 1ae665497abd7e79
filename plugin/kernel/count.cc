#include "kernel/count.hh"

#include "kernel/conntrack.hh"
#include "kernel/nft.hh"

namespace snat {

Result<Nat_counts>
count(Namespaces &namespaces, const Count &what)
{
    const auto found = namespaces.find(what.router);
    if (!found) {
        return found.error();
    }
    if (!found->inside) {
        return Nat_counts{};
    }
    const auto netfilter = found->inside->netfilter();
    if (!netfilter) {
        return netfilter.error();
    }
    const auto rules = see_counters(**netfilter, "rules");
    const auto replies = see_counters(**netfilter, "replies");
    const auto flows = count_flows(**netfilter);
    if (!rules || !replies || !flows) {
        return !rules     ? rules.error()
               : !replies ? replies.error()
                          : flows.error();
    }
    Nat_counts counts;
    for (const auto &[mark, counter] : *rules) {
        Nat_count &count = counts[counter.comment];
        count.packets = counter.packets;
        count.bytes = counter.bytes;
        const auto reply = replies->find(mark);
        if (reply != replies->end()) {
            count.reply_packets = reply->second.packets;
            count.reply_bytes = reply->second.bytes;
        }
        const auto number = flows->find(mark);
        count.flows = number == flows->end() ? 0 : number->second;
    }
    return counts;
}

} // namespace snat
