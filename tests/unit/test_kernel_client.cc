// The main process's end of the socket, with ourselves at the other.
#include "both_ends.hh"
#include "kernel/usage.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>
#include <optional>

using namespace snat;
using namespace sentences;

namespace {

// No frame holds it.
Observe
too_much()
{
    const std::string large(1 << 20, 'x');
    return {"demo",
            std::vector<std::string>(max_frame / large.size(), large),
            {},
            false,
            {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(kernel_client)

BOOST_FIXTURE_TEST_CASE(what_is_too_large_is_answered_in_its_turn, Both_ends)
{
    std::vector<std::string> told;
    const auto tell = [&](const Result<Wired> &seen) {
        told.push_back(seen ? "seen" : seen.error().what);
    };
    kernel->observe({"demo", {}, {}, false, {}}, tell);
    kernel->observe(too_much(), tell);
    BOOST_TEST(told.empty());
    BOOST_TEST(bool(kernel->run()));
    BOOST_TEST(!kernel->has_answer());
    BOOST_TEST(told.empty());
    answer({1, Seen{}});
    BOOST_TEST(bool(kernel->run()));
    BOOST_REQUIRE(told.size() == 2u);
    BOOST_TEST(told[0] == "seen");
    check_sentence(told[1], {"too large"});
}

// Nothing else would wake the loop.
BOOST_FIXTURE_TEST_CASE(the_loop_need_not_wait_for_it, Both_ends)
{
    std::optional<Result<Wired>> seen;
    kernel->observe(too_much(), [&](Result<Wired> r) { seen = std::move(r); });
    BOOST_TEST(!seen.has_value());
    BOOST_TEST(!kernel->wants_write());
    BOOST_TEST(kernel->has_answer());
    BOOST_TEST(bool(kernel->run()));
    BOOST_REQUIRE(seen.has_value());
    check_error(*seen, {"too large"});
    BOOST_TEST(!kernel->has_answer());
    // And life goes on.
    kernel->observe({"demo", {}, {}, false, {}},
                    [&](Result<Wired> r) { seen = std::move(r); });
    answer({2, Seen{}});
    BOOST_TEST(bool(kernel->run()));
    BOOST_TEST(bool(*seen));
}

BOOST_FIXTURE_TEST_CASE(expected_tables_are_filled_in, Both_ends)
{
    Nat nat;
    nat.set("floating4", "198.51.100.20", "0x00000002");
    std::optional<Result<Wired>> seen;
    const auto look = [&] {
        kernel->observe({"demo", {}, {}, false, {{}, {nat, {}}}},
                        [&](Result<Wired> r) { seen = std::move(r); });
    };
    look();
    answer({1, Seen{{}, 1, {}}});
    BOOST_TEST(bool(kernel->run()));
    BOOST_REQUIRE((seen && *seen));
    BOOST_TEST(((*seen)->nat == nat));
    seen.reset();
    look();
    answer({2, Seen{{}, 2, {}}});
    check_error(kernel->run(), {"nobody expected"});
    BOOST_TEST(!seen.has_value());
}

BOOST_FIXTURE_TEST_CASE(a_refused_announcement_is_logged, Both_ends)
{
    kernel->announce({"demo", {}});
    answer({1, Error{22, "too many addresses"}});
    BOOST_TEST(bool(kernel->run()));
    BOOST_REQUIRE(logged.size() == 1u);
    check_sentence(logged[0], {"demo", "not announced", "too many"});
}

BOOST_FIXTURE_TEST_CASE(it_tells_what_it_takes, Both_ends)
{
    const Process_usage usage{1500, 4096, 8192, 12, 1024, 1795995026663};
    std::optional<Process_usage> told;
    kernel->ask_usage([&](const Process_usage &how) { told = how; });
    answer({1, usage});
    BOOST_TEST(bool(kernel->run()));
    BOOST_TEST((told == usage));
    kernel->ask_usage([&](const Process_usage &how) { told = how; });
    answer({2, Done{}});
    check_error(kernel->run(), {"something else"});
}

BOOST_AUTO_TEST_CASE(each_process_knows_what_it_takes)
{
    note_start();
    const Process_usage usage = own_usage();
    BOOST_TEST(usage.resident_bytes > 1000000u);
    BOOST_TEST(usage.virtual_bytes >= usage.resident_bytes);
    BOOST_TEST(usage.open_fds >= 3u);
    BOOST_TEST(usage.max_fds >= usage.open_fds);
    BOOST_TEST(usage.started_at > 1700000000000u);
    const int one_more = dup(STDOUT_FILENO);
    BOOST_TEST(own_usage().open_fds == usage.open_fds + 1);
    close(one_more);
}

BOOST_AUTO_TEST_SUITE_END()
