// Acceptance of what a port has inside the namespace: addresses, next hops,
// MTU, SNAT.
#include "asked.hh"

using namespace asked;

BOOST_AUTO_TEST_SUITE(accept_addresses)

BOOST_AUTO_TEST_CASE(edges)
{
    for (const char *text :
         {"198.51.100.0/31", "198.51.100.1/31", "198.51.100.0/32",
          "198.51.100.255/32", "198.51.100.255/23", "2001:db8::/64",
          "fe80::5/64", "169.254.1.1/16", "223.255.255.254/24"}) {
        for (const bool is_door1 : {true, false}) {
            BOOST_TEST_CONTEXT(text)
            {
                Port_row port = make_internal(is_door1);
                port.networks = {text};
                BOOST_TEST(to_string(read_good(port).networks[0]) == text);
            }
        }
    }
    // Next hops may lie outside the port's networks.
    Port_row port = make_gateway(true);
    port.gateway_ips = {"203.0.113.1", "fe80::1"};
    BOOST_TEST(read_good(port).gateway_ips.size() == 2u);
}

BOOST_AUTO_TEST_CASE(edges_of_the_mtu)
{
    for (const int64_t mtu : {68, 1279, 1280, 1500, 9000, 65535}) {
        Port_row port = make_internal(false);
        port.mtu = mtu;
        BOOST_TEST(read_good(port).mtu == mtu);
    }
}

BOOST_AUTO_TEST_CASE(bad_values)
{
    check_bad_values({
        {"MAC",
         [](Port_row &r) { r.mac = "02:00:00"; },
         {"\"02:00:00\"", "expected", "02:00:00:00:00:01"}},
        {"multicast MAC",
         [](Port_row &r) { r.mac = "01:00:5e:00:00:01"; },
         {"01:00:5e:00:00:01", "expected a unicast address"}},
        {"broadcast MAC",
         [](Port_row &r) { r.mac = "ff:ff:ff:ff:ff:ff"; },
         {"ff:ff:ff:ff:ff:ff", "expected a unicast address"}},
        {"zero MAC",
         [](Port_row &r) { r.mac = "00:00:00:00:00:00"; },
         {"00:00:00:00:00:00", "expected a unicast address"}},
        {"small MTU",
         [](Port_row &r) { r.mtu = 67; },
         {"67", "expected 68 to 65535"}},
        {"negative MTU",
         [](Port_row &r) { r.mtu = -1; },
         {"-1", "expected 68 to 65535"}},
        {"large MTU",
         [](Port_row &r) { r.mtu = 65536; },
         {"65536", "expected 68 to 65535"}},
        {"very large MTU",
         [](Port_row &r) { r.mtu = 4294968796; },
         {"4294968796", "expected 68 to 65535"}},
        {"MTU for IPv6",
         [](Port_row &r) {
             r.mtu = 1279;
             r.networks.push_back("2001:db8::1/64");
         },
         {"1279", "expected at least 1280", "IPv6"}},
        {"MTU for a next hop of IPv6",
         [](Port_row &r) {
             r.mtu = 1279;
             r.gateway_ips = {"fe80::1"};
         },
         {"1279", "expected at least 1280", "IPv6"},
         true},
        {"no networks",
         [](Port_row &r) { r.networks.clear(); },
         {"networks is empty", "expected", "198.51.100.10/24"}},
        {"next hop",
         [](Port_row &r) { r.gateway_ips = {"198.51.100.1/24"}; },
         {"198.51.100.1/24", "expected"},
         true},
        {"unspecified next hop",
         [](Port_row &r) { r.gateway_ips = {"0.0.0.0"}; },
         {"0.0.0.0", "expected the address of one router"},
         true},
        {"loopback next hop",
         [](Port_row &r) { r.gateway_ips = {"::1"}; },
         {"::1", "expected the address of one router"},
         true},
        {"multicast next hop",
         [](Port_row &r) { r.gateway_ips = {"224.0.0.1"}; },
         {"224.0.0.1", "expected the address of one router"},
         true},
        {"itself as next hop",
         [](Port_row &r) { r.gateway_ips = {"198.51.100.10"}; },
         {"198.51.100.10", "own address", "expected"},
         true},
        {"next hop twice",
         [](Port_row &r) {
             r.gateway_ips = {"2001:db8::1", "2001:DB8:0::1"};
         },
         {"2001:DB8:0::1", "twice"},
         true},
        {"next hop with a zone",
         [](Port_row &r) { r.gateway_ips = {"fe80::1%qg-a"}; },
         {"fe80::1%qg-a", "expected"},
         true},
        {"enable",
         [](Port_row &r) { r.enable_snat = "yes"; },
         {"snat-enable", "\"yes\"", "expected true or false"},
         true},
    });
}

BOOST_AUTO_TEST_CASE(bad_networks)
{
    const struct {
        const char *text, *why;
    } rows[] = {
        {"", "\"\""},
        {"banana", "prefix length"},
        {"198.51.100.10", "prefix length"},
        {"2001:db8::1", "prefix length"},
        {"198.51.100.10/", "prefix length"},
        {"198.51.100.10/33", "0 to 32"},
        {"2001:db8::1/129", "0 to 128"},
        {"198.51.100.010/24", "prefix length"},
        {"198.51.100.10/024", "prefix length"},
        {"fe80::1%eth0/64", "prefix length"},
        {"0.0.0.0/24", "the unspecified address"},
        {"::/64", "the unspecified address"},
        {"127.0.0.1/8", "a loopback address"},
        {"::1/128", "a loopback address"},
        {"224.0.0.1/24", "a multicast"},
        {"255.255.255.255/32", "a multicast"},
        {"ff02::1/64", "a multicast"},
        {"198.51.100.0/24", "its network's own address"},
        {"198.51.100.4/30", "its network's own address"},
        {"198.51.100.255/24", "its network's broadcast address"},
        {"198.51.100.7/30", "its network's broadcast address"},
        {"198.51.100.10/0", "an address of everybody"},
        {"2001:db8::1/0", "an address of everybody"},
    };
    for (const bool is_door1 : {true, false}) {
        for (const auto &row : rows) {
            BOOST_TEST_CONTEXT(row.text)
            {
                Port_row port = make_internal(is_door1);
                port.networks.push_back(row.text);
                check_port_refused(port, {row.text, row.why, "expected"});
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(default_snat)
{
    const struct {
        const char *enable, *address;
        bool router;
        const char *wished; // "": none.
    } rows[] = {
        {"", "", true, "198.51.100.10"},
        {"true", "", true, "198.51.100.10"},
        {"false", "", true, ""},
        {"", "", false, ""},
        {"true", "", false, ""},
        {"", "198.51.100.20", true, "198.51.100.20"},
        {"", "198.51.100.20", false, ""},
    };
    for (const auto &row : rows) {
        BOOST_TEST_CONTEXT(row.enable << " " << row.address)
        {
            Port_row port = make_gateway(false);
            port.networks = {"198.51.100.20/24", "198.51.100.10/24"};
            port.enable_snat = row.enable;
            port.snat_address = row.address;
            Router_row router = demo({port});
            router.enable_snat = row.router;
            const Accepted accepted = accept_demo(router);
            BOOST_TEST(accepted.refusals.empty());
            const Port &read = accepted.router.ports.at("qg-a");
            BOOST_TEST((read.snat_ip ? to_string(*read.snat_ip) : "")
                       == row.wished);
            // It is the first one also where nothing is translated.
            const bool is_chosen = !read.snat_ip && *row.address;
            BOOST_TEST((read.first_ip ? to_string(*read.first_ip) : "")
                       == (is_chosen ? row.address : ""));
        }
    }
    // IPv6 is not translated by default.
    Port_row port = make_gateway(true);
    port.networks = {"2001:db8::5/64"};
    BOOST_TEST(!read_good(port).snat_ip);
}

BOOST_AUTO_TEST_CASE(a_snat_address_is_the_ports_own)
{
    for (const char *text : {"198.51.100.11", "2001:db8::5", "banana",
                             "198.51.100.10/24", "198.51.100.010"}) {
        BOOST_TEST_CONTEXT(text)
        {
            Port_row port = make_gateway(false);
            port.networks.push_back("2001:db8::5/64");
            port.snat_address = text;
            check_port_refused(port, {"snat-address", text,
                                      "expected one of the port's own IPv4"});
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
