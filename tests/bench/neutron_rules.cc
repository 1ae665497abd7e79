#include "neutron_rules.hh"

#include <initializer_list>

namespace bench {
namespace {

// Chains of the agent's own; the kernel's lead to those of the same name.
std::string
chains(std::initializer_list<const char *> built_in,
       std::initializer_list<const char *> further)
{
    std::string text, jumps;
    for (const std::string name : built_in) {
        text += ":neutron-l3-agent-" + name + " - [0:0]\n";
        jumps += "-A " + name + " -j neutron-l3-agent-" + name + "\n";
    }
    for (const std::string name : further) {
        text += ":neutron-l3-agent-" + name + " - [0:0]\n";
    }
    return text + jumps;
}

std::string
rule(const std::string &chain, const std::string &words)
{
    return "-A neutron-l3-agent-" + chain + " " + words + "\n";
}

// Address scopes: of both ports the same.
std::string
mangle(const Listed_router &router)
{
    const std::string masks = " --nfmask 0xffff0000 --ctmask 0xffff0000",
                      mark = " -j MARK --set-xmark 0x4000000/0xffff0000";
    return "*mangle\n"
           + chains(
               {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"},
               {"float-snat", "floatingip", "mark", "scope"})
           + rule("POSTROUTING", "-o " + router.gateway
                                     + " -m connmark --mark 0x0/0xffff0000"
                                       " -j CONNMARK --save-mark"
                                     + masks)
           + rule("PREROUTING", "-j neutron-l3-agent-mark")
           + rule("PREROUTING", "-j neutron-l3-agent-scope")
           + rule("PREROUTING", "-m connmark ! --mark 0x0/0xffff0000"
                                " -j CONNMARK --restore-mark"
                                    + masks)
           + rule("PREROUTING", "-j neutron-l3-agent-floatingip")
           + rule("float-snat", "-m connmark --mark 0x0/0xffff0000"
                                " -j CONNMARK --save-mark"
                                    + masks)
           + rule("mark",
                  "-i " + router.gateway + " -j MARK --set-xmark 0x2/0xffff")
           + rule("scope", "-i " + router.internal + mark)
           + rule("scope", "-i " + router.gateway + mark) + "COMMIT\n";
}

std::string
raw_and_filter(const Listed_router &router)
{
    return "*raw\n" + chains({"PREROUTING", "OUTPUT"}, {})
           + "COMMIT\n*filter\n:neutron-filter-top - [0:0]\n"
             "-A FORWARD -j neutron-filter-top\n"
             "-A OUTPUT -j neutron-filter-top\n"
           + chains({"INPUT", "FORWARD", "OUTPUT"}, {"local", "scope"})
           + "-A neutron-filter-top -j neutron-l3-agent-local\n"
           + rule("FORWARD", "-j neutron-l3-agent-scope")
           + rule("scope", "-o " + router.internal
                               + " -m mark ! --mark 0x4000000/0xffff0000"
                                 " -j DROP")
           + "COMMIT\n";
}

std::string
nat(const Listed_router &router)
{
    std::string text = "*nat\n:neutron-postrouting-bottom - [0:0]\n"
                       + chains({"OUTPUT", "POSTROUTING", "PREROUTING"},
                                {"float-snat", "snat"})
                       + "-A POSTROUTING -j neutron-postrouting-bottom\n";
    for (const auto &[external, internal] : router.floating_ips) {
        const std::string there
            = "-d " + external + "/32 -j DNAT --to-destination " + internal;
        text += rule("OUTPUT", there) + rule("PREROUTING", there)
                + rule("float-snat", "-s " + internal
                                         + "/32 -j SNAT --to-source "
                                         + external + " --random-fully");
    }
    const std::string snat
        = "-j SNAT --to-source " + router.gateway_ip + " --random-fully";
    return text
           + rule("POSTROUTING",
                  "! -o " + router.gateway
                      + " -m conntrack ! --ctstate DNAT -j ACCEPT")
           + rule("snat", "-j neutron-l3-agent-float-snat")
           + rule("snat", "-o " + router.gateway + " " + snat)
           + rule("snat", "-m mark ! --mark 0x2/0xffff -m conntrack"
                          " --ctstate DNAT "
                              + snat)
           + "-A neutron-postrouting-bottom -j neutron-l3-agent-snat\n"
             "COMMIT\n";
}

} // namespace

std::string
neutron_rules(const Listed_router &router)
{
    return mangle(router) + raw_and_filter(router) + nat(router);
}

} // namespace bench
