// Netlink messages that are too large for what they are made of.
#include "kernel/netlink.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>
#include <linux/rtnetlink.h>

using namespace snat;

namespace {

// Asks about loopback, with 'size' bytes inside of one attribute.
Message
question(size_t size)
{
    Message message{RTM_GETLINK, 0, size + Message::usual_size};
    ifinfomsg header{};
    header.ifi_index = 1;
    message.header(header);
    const std::string bytes(8, '\0');
    message.nest(IFLA_LINKINFO, [&] {
        for (size_t at = 0; at < size; at += bytes.size()) {
            message.append(bytes.data(), bytes.size());
        }
    });
    return message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(kernel_message)

BOOST_AUTO_TEST_CASE(an_attribute_ends_at_64_KiB)
{
    BOOST_TEST(question(65536 - 8).is_whole());
    BOOST_TEST(!question(65536).is_whole());
}

// The kernel would take what is left for the whole.
BOOST_AUTO_TEST_CASE(a_message_that_lost_a_part_is_not_sent)
{
    auto netlink = Netlink::open(NETLINK_ROUTE);
    BOOST_REQUIRE(bool(netlink));
    sentences::check_error(netlink->ask(question(65536), "look"),
                           {"cannot look", "too large"});
}

BOOST_AUTO_TEST_SUITE_END()
