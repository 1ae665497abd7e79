#include "timeouts.hh"

#include <algorithm>

namespace snat {
namespace {

// The kernel's own numbers, which are part of its interface: each namespace
// begins with them, whatever the node has (tcp_timeouts[], udp_timeouts[] and
// the like in net/netfilter/nf_conntrack_proto_*.c).
constexpr Timeout timeouts[] = {
    {"generic", "nf_conntrack_generic_timeout", 600},
    {"gre", "nf_conntrack_gre_timeout", 30},
    {"gre-stream", "nf_conntrack_gre_timeout_stream", 180},
    {"icmp", "nf_conntrack_icmp_timeout", 30},
    {"icmpv6", "nf_conntrack_icmpv6_timeout", 30},
    {"sctp-closed", "nf_conntrack_sctp_timeout_closed", 10},
    {"sctp-cookie-echoed", "nf_conntrack_sctp_timeout_cookie_echoed", 3},
    {"sctp-cookie-wait", "nf_conntrack_sctp_timeout_cookie_wait", 3},
    {"sctp-established", "nf_conntrack_sctp_timeout_established", 210},
    {"sctp-heartbeat-sent", "nf_conntrack_sctp_timeout_heartbeat_sent", 30},
    {"sctp-shutdown-ack-sent", "nf_conntrack_sctp_timeout_shutdown_ack_sent",
     3},
    {"sctp-shutdown-recd", "nf_conntrack_sctp_timeout_shutdown_recd", 3},
    {"sctp-shutdown-sent", "nf_conntrack_sctp_timeout_shutdown_sent", 3},
    {"tcp-close", "nf_conntrack_tcp_timeout_close", 10},
    {"tcp-close-wait", "nf_conntrack_tcp_timeout_close_wait", 60},
    {"tcp-established", "nf_conntrack_tcp_timeout_established", 432000},
    {"tcp-fin-wait", "nf_conntrack_tcp_timeout_fin_wait", 120},
    {"tcp-last-ack", "nf_conntrack_tcp_timeout_last_ack", 30},
    {"tcp-max-retrans", "nf_conntrack_tcp_timeout_max_retrans", 300},
    {"tcp-syn-recv", "nf_conntrack_tcp_timeout_syn_recv", 60},
    {"tcp-syn-sent", "nf_conntrack_tcp_timeout_syn_sent", 120},
    {"tcp-time-wait", "nf_conntrack_tcp_timeout_time_wait", 120},
    {"tcp-unacknowledged", "nf_conntrack_tcp_timeout_unacknowledged", 300},
    {"udp", "nf_conntrack_udp_timeout", 30},
    {"udp-stream", "nf_conntrack_udp_timeout_stream", 120},
};

} // namespace

std::string
Timeout::path() const
{
    return std::string{"net/netfilter/"} + sysctl;
}

std::span<const Timeout>
all_timeouts()
{
    return timeouts;
}

std::optional<std::string>
usual_timeout(const std::string &sysctl)
{
    const auto found = std::ranges::find(timeouts, sysctl, &Timeout::path);
    return found == std::end(timeouts)
               ? std::nullopt
               : std::optional{std::to_string(found->usual)};
}

} // namespace snat
