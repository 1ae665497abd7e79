// What news make of what was seen inside a namespace.
#include "kernel/seen_inside.hh"
#include "samples.hh"

#include <boost/test/unit_test.hpp>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

using namespace snat;

namespace {

constexpr uint32_t link_index = 7;
const Ip host = *parse_ip("198.51.100.20");

Reply
address_news(uint16_t type, const Ip &ip, uint8_t length,
             uint32_t flags = IFA_F_PERMANENT)
{
    ifaddrmsg header{};
    header.ifa_family = ip.is_v4() ? AF_INET : AF_INET6;
    header.ifa_prefixlen = length;
    header.ifa_index = link_index;
    Message message{type, 0};
    message.header(header).put_ip(IFA_LOCAL, ip);
    message.put_u32(IFA_FLAGS, flags);
    return Reply{message.get()};
}

Reply
route_news(uint16_t type, const Network &to, uint8_t kind = RTN_LOCAL,
           uint8_t protocol = RTPROT_KERNEL)
{
    rtmsg header{};
    header.rtm_family = AF_INET;
    header.rtm_dst_len = to.length;
    header.rtm_type = kind;
    header.rtm_protocol = protocol;
    Message message{type, 0};
    message.header(header).put_ip(RTA_DST, to.ip);
    message.put_u32(RTA_OIF, link_index);
    return Reply{message.get()};
}

struct Inside {
    Seen_inside seen;

    bool
    hear_address(uint16_t type, const Ip &ip = host, uint8_t length = 32)
    {
        return seen.hear(type, address_news(type, ip, length));
    }
    bool
    hear_route(uint16_t type, const Network &to = host_network(host))
    {
        return seen.hear(type, route_news(type, to));
    }
    bool
    has_host() const
    {
        const auto found = seen.addresses.find(link_index);
        return found != seen.addresses.end()
               && found->second.hosts.contains(host);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(seen_inside)

BOOST_FIXTURE_TEST_CASE(a_host_comes_and_goes_with_its_route, Inside)
{
    for (int i = 0; i < 2; i++) {
        BOOST_TEST(hear_route(RTM_NEWROUTE));
        BOOST_TEST(hear_address(RTM_NEWADDR));
        BOOST_TEST(has_host());
        BOOST_TEST(seen.missing.empty());
        BOOST_TEST(hear_route(RTM_DELROUTE));
        BOOST_TEST(seen.missing.size() == 1u);
        BOOST_TEST(hear_address(RTM_DELADDR));
        BOOST_TEST(!has_host());
        BOOST_TEST(seen.missing.empty());
    }
}

BOOST_FIXTURE_TEST_CASE(a_route_may_come_after_its_host, Inside)
{
    BOOST_TEST(hear_address(RTM_NEWADDR));
    BOOST_TEST(seen.missing.size() == 1u);
    BOOST_TEST(hear_route(RTM_NEWROUTE));
    BOOST_TEST(seen.missing.empty());
}

BOOST_FIXTURE_TEST_CASE(of_all_else_it_is_told_where_to_look, Inside)
{
    BOOST_TEST(!hear_address(RTM_NEWADDR, *parse_ip("198.51.100.10"), 24));
    BOOST_TEST(!hear_address(RTM_NEWADDR, *parse_ip("2001:db8::1"), 128));
    BOOST_TEST(!hear_route(RTM_DELROUTE, *parse_network("10.0.0.0/8")));
    BOOST_TEST(
        !seen.hear(RTM_NEWROUTE, route_news(RTM_NEWROUTE, host_network(host),
                                            RTN_UNICAST, RTPROT_STATIC)));
    BOOST_TEST(!seen.hear(RTM_NEWADDR, address_news(RTM_NEWADDR, host, 32,
                                                    0))); // It will expire.
    BOOST_TEST(!seen.hear(RTM_NEWLINK, address_news(RTM_NEWLINK, host, 32)));
    BOOST_TEST(!has_host());
}

BOOST_FIXTURE_TEST_CASE(the_route_to_another_address_is_no_hosts, Inside)
{
    const Network own = *parse_network("198.51.100.10/24");
    seen.addresses[link_index].settled = {own};
    BOOST_TEST(!hear_route(RTM_DELROUTE, host_network(own.ip)));
}

// The kernel drops a route with its source, and does not tell.
BOOST_FIXTURE_TEST_CASE(a_host_may_take_a_strangers_route_with_it, Inside)
{
    BOOST_TEST(hear_address(RTM_NEWADDR));
    const Network prefix = *parse_network("10.9.0.0/16");
    seen.routes[prefix].prefix = prefix;
    BOOST_TEST(!hear_address(RTM_DELADDR));
}

BOOST_AUTO_TEST_SUITE_END()
