// Helpers of connection tracking as messages of nf_tables: which object an
// element leads to, and what comes before what.
#include "kernel/nft_helpers.hh"

#include "kernel/nft_layout.hh"
#include "kernel/nft_text.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

using namespace snat;
using namespace sentences;

namespace {

const Nft_set &
helpers()
{
    return *find_nft_set("helpers");
}

Nft_element
element(const std::string &key, const std::string &name)
{
    const auto made = nft_element(helpers(), key, name);
    BOOST_REQUIRE_MESSAGE(bool(made), key << ": " << name);
    return *made;
}

std::vector<int>
types_of(const std::vector<Message> &batch)
{
    std::vector<int> types;
    for (const Message &message : batch) {
        types.push_back(message.get()->nlmsg_type & 0xff);
    }
    return types;
}

} // namespace

BOOST_AUTO_TEST_SUITE(nft_helpers)

BOOST_AUTO_TEST_CASE(each_element_has_an_object_of_its_own)
{
    const Nft_helper ftp{"ftp-6-21", "ftp", 6},
        names{"netbios-ns-17-137", "netbios-ns", 17};
    BOOST_TEST((helper_of(element("6 . 21", "ftp")) == ftp));
    BOOST_TEST((helper_of(element("17 . 137", "netbios-ns")) == names));
    const auto seen = nft_entry(helpers(), element("17 . 137", "netbios-ns"));
    BOOST_TEST(seen.first == "17 . 137");
    BOOST_TEST(seen.second == "netbios-ns");
    // Somebody else's object is not taken for it.
    Nft_element other = element("6 . 21", "ftp");
    other.object = "mine";
    BOOST_TEST(nft_entry(helpers(), other).second == "mine");
}

BOOST_AUTO_TEST_CASE(what_is_no_helper)
{
    for (const char *name : {"", "nonsense", "ftp-6", "FTP", "ftp ", "a/b"}) {
        check_error(nft_element(helpers(), "6 . 21", name), {"helpers"});
    }
    for (const char *key : {"", "6", "6 . 65536", "tcp . 21", "6 . 21-22"}) {
        check_error(nft_element(helpers(), key, "ftp"), {"helpers"});
    }
}

BOOST_AUTO_TEST_CASE(objects_come_before_their_elements_and_go_after_them)
{
    const std::vector elements
        = {element("6 . 21", "ftp"), element("6 . 2121", "ftp")};
    std::vector<Message> batch;
    append_with_helpers(batch, NFT_MSG_NEWSETELEM, helpers(), elements);
    BOOST_TEST(types_of(batch)
                   == (std::vector{int(NFT_MSG_NEWOBJ), int(NFT_MSG_NEWOBJ),
                                   int(NFT_MSG_NEWSETELEM)}),
               boost::test_tools::per_element());
    batch.clear();
    append_with_helpers(batch, NFT_MSG_DELSETELEM, helpers(), elements);
    BOOST_TEST(types_of(batch)
                   == (std::vector{int(NFT_MSG_DELSETELEM),
                                   int(NFT_MSG_DELOBJ), int(NFT_MSG_DELOBJ)}),
               boost::test_tools::per_element());
    // Other sets have none.
    batch.clear();
    const Nft_set &others = *find_nft_set("gateways");
    append_with_helpers(batch, NFT_MSG_NEWSETELEM, others,
                        std::vector{*nft_element(others, "qg-a", "")});
    BOOST_TEST(batch.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_the_kernel_is_told_of_one)
{
    const Message made = nft_new_helper({"sip-17-5060", "sip", 17});
    const Reply as_seen{made.get()};
    const Attributes object = as_seen.attributes(sizeof(nfgenmsg));
    BOOST_TEST(object.text(NFTA_OBJ_TABLE) == nft_table);
    BOOST_TEST(object.text(NFTA_OBJ_NAME) == "sip-17-5060");
    BOOST_TEST(object.be32(NFTA_OBJ_TYPE).value()
               == uint32_t{NFT_OBJECT_CT_HELPER});
    const Attributes data = object.nested(NFTA_OBJ_DATA);
    BOOST_TEST(data.text(NFTA_CT_HELPER_NAME) == "sip");
    BOOST_TEST(data.u8(NFTA_CT_HELPER_L4PROTO).value() == 17);
}

BOOST_AUTO_TEST_SUITE_END()
