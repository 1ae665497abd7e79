#include "kernel/conntrack.hh"

#include "kernel/message.hh"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <vector>

namespace snat {
namespace {

Message
conntrack_message(uint16_t type, uint16_t flags)
{
    Message message{static_cast<uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | type),
                    flags};
    nfgenmsg header{};
    header.version = NFNETLINK_V0;
    message.header(header);
    return message;
}

// 0 if the protocol has none.
uint16_t
read_port(const Attributes &proto, int attribute)
{
    const auto port = proto.bytes(attribute);
    return port.size() != sizeof(uint16_t)
               ? 0
               : static_cast<uint16_t>(uint8_t(port[0]) << 8
                                       | uint8_t(port[1]));
}

Tuple
read_tuple(const Attributes &attributes)
{
    Tuple tuple;
    const Attributes ip = attributes.nested(CTA_TUPLE_IP);
    const Attributes proto = attributes.nested(CTA_TUPLE_PROTO);
    const bool is_v4 = ip.has(CTA_IP_V4_SRC);
    tuple.from = ip.ip(is_v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC).value_or(Ip{});
    tuple.to = ip.ip(is_v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST).value_or(Ip{});
    tuple.protocol = proto.u8(CTA_PROTO_NUM).value_or(0);
    tuple.from_port = read_port(proto, CTA_PROTO_SRC_PORT);
    tuple.to_port = read_port(proto, CTA_PROTO_DST_PORT);
    return tuple;
}

// One entry, with the attributes by which the kernel finds it again.
struct Flow {
    Tuple original, reply;
    uint32_t mark = 0, status = 0;
    uint8_t family = AF_UNSPEC;
    std::string tuple, id;
};

Flow
read_flow(const Reply &reply)
{
    const Attributes all = reply.attributes(sizeof(nfgenmsg));
    Flow flow;
    flow.family = reply.header<nfgenmsg>().nfgen_family;
    flow.original = read_tuple(all.nested(CTA_TUPLE_ORIG));
    flow.reply = read_tuple(all.nested(CTA_TUPLE_REPLY));
    flow.mark = all.be32(CTA_MARK).value_or(0);
    flow.status = all.be32(CTA_STATUS).value_or(0);
    flow.tuple = all.bytes(CTA_TUPLE_ORIG);
    flow.id = all.bytes(CTA_ID);
    return flow;
}

bool
holds(const Ip_range &range, const Ip &ip)
{
    return ip.family == range.first.family && range.first <= ip
           && ip <= range.last;
}

class Ended {
public:
    Ended(const End_flows &step, const std::set<Tuple> &turned)
        : marks_{step.marks.begin(), step.marks.end()},
          untranslated_{step.untranslated}, turned_{turned}
    {
        for (const auto &arrival : step.arrivals) {
            arrivals_.emplace(arrival.to, arrival);
        }
    }

    bool
    contains(const Flow &flow) const
    {
        const Tuple &tuple = flow.original;
        return marks_.contains(flow.mark) || is_taken(flow)
               || turned_.contains(flow.reply)
               || (flow.mark == mark_untranslated
                   && (is_translated(tuple.from) || is_translated(tuple.to)));
    }

    // Whether a new rule takes it from another one.
    bool
    is_taken(const Flow &flow) const
    {
        const Tuple &tuple = flow.original;
        const auto [first, last] = arrivals_.equal_range(tuple.to);
        return std::any_of(first, last, [&](const auto &entry) {
            const End_flows::Arrival &arrival = entry.second;
            const bool fits = !arrival.protocol
                              || (arrival.protocol == tuple.protocol
                                  && arrival.ports.overlaps(
                                      {tuple.to_port, tuple.to_port}));
            return fits && (!arrival.from || holds(*arrival.from, tuple.from))
                   && (flow.mark == no_mark || flow.mark == mark_untranslated
                       || has_left_again(flow)
                       || std::ranges::find(arrival.over, flow.mark)
                              != arrival.over.end());
        });
    }

private:
    // Nobody had the address, so it was sent back outside, by a rule for
    // sources.
    static bool
    has_left_again(const Flow &flow)
    {
        return (flow.status & IPS_NAT_MASK) == IPS_SRC_NAT;
    }

    bool
    is_translated(const Ip &ip) const
    {
        return std::ranges::any_of(untranslated_, [&](const Ip_range &range) {
            return holds(range, ip);
        });
    }

    std::set<uint32_t> marks_;
    std::multimap<Ip, End_flows::Arrival> arrivals_;
    std::vector<Ip_range> untranslated_;
    const std::set<Tuple> &turned_;
};

Result<bool>
has_flows(Netlink &netfilter)
{
    const auto replies
        = netfilter.ask(conntrack_message(IPCTNL_MSG_CT_GET_STATS, 0),
                        "count the tracked flows");
    if (!replies) {
        return replies.error();
    }
    return std::ranges::any_of(*replies, [](const Reply &reply) {
        return reply.attributes(sizeof(nfgenmsg))
                   .be32(CTA_STATS_GLOBAL_ENTRIES)
                   .value_or(0)
               != 0;
    });
}

// A walk through all flows of the machine, which is spared if the namespace
// has none.
Result<std::vector<Reply>>
all_flows(Netlink &netfilter)
{
    const auto any = has_flows(netfilter);
    if (!any || !*any) {
        return any ? Result{std::vector<Reply>{}} : any.error();
    }
    return netfilter.ask(conntrack_message(IPCTNL_MSG_CT_GET, NLM_F_DUMP),
                         "look at the tracked flows");
}

Message
delete_message(const Flow &flow)
{
    Message message{static_cast<uint16_t>(NFNL_SUBSYS_CTNETLINK << 8
                                          | IPCTNL_MSG_CT_DELETE),
                    0};
    nfgenmsg header{};
    header.nfgen_family = flow.family;
    header.version = NFNETLINK_V0;
    message.header(header);
    message.put(CTA_TUPLE_ORIG | NLA_F_NESTED, flow.tuple.data(),
                flow.tuple.size());
    message.put(CTA_ID, flow.id.data(), flow.id.size());
    return message;
}

} // namespace

Result<std::map<uint32_t, uint64_t>>
count_flows(Netlink &netfilter)
{
    const auto replies = all_flows(netfilter);
    if (!replies) {
        return replies.error();
    }
    std::map<uint32_t, uint64_t> counts;
    for (const Reply &reply : *replies) {
        counts
            [reply.attributes(sizeof(nfgenmsg)).be32(CTA_MARK).value_or(0)]++;
    }
    return counts;
}

Result<std::set<Tuple>>
end_flows(Netlink &netfilter, const End_flows &step,
          const std::set<Tuple> &turned)
{
    const auto replies = all_flows(netfilter);
    if (!replies) {
        return replies.error();
    }
    const Ended ended{step, turned};
    std::set<Tuple> taken;
    for (const Reply &reply : *replies) {
        const Flow flow = read_flow(reply);
        if (!ended.contains(flow)) {
            continue;
        }
        const Outcome outcome
            = netfilter.send(delete_message(flow), "end a flow");
        if (!outcome && outcome.error().code != ENOENT) {
            return outcome.error();
        }
        if (ended.is_taken(flow) && flow.original.to_port) {
            taken.insert(flow.original);
        }
    }
    return taken;
}

} // namespace snat
