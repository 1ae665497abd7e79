// The OVS_SNAT database over TLS, with certificates as ovs-pki(8) makes them.
#include "system/node.hh"

#include <boost/test/unit_test.hpp>
#include <string>

using test::Node;

namespace {

// There are two authorities: ours for clients and the server, and one that
// the server does not know.
struct Listening {
    Node node;

    Listening()
    {
        // ovs-pki names its files in /tmp by its pid, which is that of
        // another one in another node.
        node.must("mkdir /run/tls && cd /run/tls && unshare --mount sh -ec '"
                  "mount -t tmpfs tmpfs /tmp; "
                  "pki() { ovs-pki --dir=/run/tls/pki --log=/run/tls/log "
                  "--batch --unique \"$@\"; }; "
                  "pki init; pki req+sign good switch; "
                  "pki req+sign wrong controller; "
                  "cp pki/switchca/cacert.pem ca.pem; chmod 600 *.pem'");
        node.snatctl("-- set-ssl /run/tls/good-privkey.pem "
                     "/run/tls/good-cert.pem /run/tls/ca.pem "
                     "-- set-connection pssl:6641:127.0.0.1");
        node.wait_for("ss -tln | grep -q 127.0.0.1:6641");
    }

    // Options of whoever presents this certificate.
    static std::string
    with(const std::string &name)
    {
        return "--private-key=/run/tls/" + name + "-privkey.pem "
               + "--certificate=/run/tls/" + name + "-cert.pem "
               + "--ca-cert=/run/tls/ca.pem";
    }

    test::Output
    ask(const std::string &options)
    {
        return node.run("ovs-snatctl --db=ssl:127.0.0.1:6641 " + options
                        + " get-connection");
    }

    std::string
    lines_with(const std::string &words, const std::string &log)
    {
        return node.must("grep -c '" + words + "' $OVS_LOGDIR/" + log
                         + " || true");
    }

    void
    start_daemon(const std::string &certificate)
    {
        const auto pid = std::to_string(node.main_pid());
        node.must("kill " + pid);
        node.wait_for("! kill -0 " + pid);
        node.must("$SNATD_START --snat-db=ssl:127.0.0.1:6641 "
                  + with(certificate));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(remotes, Listening)

BOOST_AUTO_TEST_CASE(a_good_certificate_is_served)
{
    const auto answer = ask(with("good"));
    BOOST_TEST(answer.status == 0);
    BOOST_TEST(answer.out == "pssl:6641:127.0.0.1\n");
    start_daemon("good");
    node.snatctl("router-add r1 -- --bridge=br-int port-add r1 sg-r1 "
                 "10.0.1.1/24");
    BOOST_TEST(node.snatctl("get Router r1 state") == "active");
}

BOOST_AUTO_TEST_CASE(others_are_refused_and_do_not_flood_the_log)
{
    const std::string log = "ovsdb-server-snat.log";
    // Our own tools would not even try.
    const auto none
        = node.run("echo '{\"id\":0,\"method\":\"list_dbs\",\"params\":[]}' | "
                   "timeout 10 openssl s_client -quiet -connect "
                   "127.0.0.1:6641");
    BOOST_TEST(none.out == "");
    BOOST_TEST(lines_with("peer did not return a certificate", log) == "1");
    const auto wrong = ask("--timeout=5 " + with("wrong"));
    BOOST_TEST(wrong.status != 0);
    BOOST_TEST(wrong.out == "");
    const auto refused = std::stoi(lines_with("SSL_accept", log));
    BOOST_TEST(refused > 0);
    node.must("for i in {1..100}; do ovs-snatctl --timeout=5 "
              "--db=ssl:127.0.0.1:6641 "
              + with("wrong") + " get-connection; done 2> /dev/null; true");
    BOOST_TEST(std::stoi(lines_with("SSL_accept", log)) < refused + 50);
}

BOOST_AUTO_TEST_CASE(without_tls_whoever_comes_is_served)
{
    node.snatctl("set-connection ptcp:6642:127.0.0.1");
    node.wait_for("ss -tln | grep -q 127.0.0.1:6642");
    BOOST_TEST(node.must("ovs-snatctl --db=tcp:127.0.0.1:6642 get-connection")
               == "ptcp:6642:127.0.0.1");
    node.wait_for("! ss -tln | grep -q 127.0.0.1:6641");
}

BOOST_AUTO_TEST_CASE(a_daemon_that_is_refused_says_so)
{
    node.snatctl("router-add r1 -- --bridge=br-int port-add r1 sg-r1 "
                 "10.0.1.1/24");
    const auto before = node.snapshot();
    start_daemon("wrong");
    node.wait_for("grep -q 'ssl:127.0.0.1:6641.*connect' "
                  "$OVS_LOGDIR/ovs-snatd.log");
    BOOST_TEST(node.is_as(before));
    start_daemon("good");
    node.snatctl("set Router_Port sg-r1 mtu=1400");
    BOOST_TEST(node.must("ip -n snat-r1 -o link show sg-r1").find("mtu 1400")
               != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_listened_at_is_refused)
{
    const auto bad = node.run("ovs-snatctl set-connection pssl:6642 "
                              "tls:127.0.0.1");
    BOOST_TEST(bad.status != 0);
    BOOST_TEST(bad.err.find("tls:127.0.0.1: expected pssl:PORT")
               != std::string::npos);
    BOOST_TEST(node.snatctl("get-connection") == "pssl:6641:127.0.0.1");
    const auto relative = node.run("ovs-snatctl set-ssl key.pem c.pem a.pem");
    BOOST_TEST(relative.err.find("key.pem: expected an absolute file name")
               != std::string::npos);
    BOOST_TEST(node.snatctl("get-ssl")
               == "Private key: /run/tls/good-privkey.pem\n"
                  "Certificate: /run/tls/good-cert.pem\n"
                  "CA Certificate: /run/tls/ca.pem");
    node.snatctl("-- del-ssl -- del-connection");
    BOOST_TEST(node.snatctl("-- get-ssl -- get-connection") == "");
    node.wait_for("! ss -tln | grep -q 127.0.0.1:6641");
}

BOOST_AUTO_TEST_SUITE_END()
