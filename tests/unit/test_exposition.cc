// Metrics as text, in both forms, and the values that they are made of.
#include "appctl/exposition.hh"
#include "router/tally.hh"

#include "rows.hh"
#include "sentences.hh"

#include <boost/test/unit_test.hpp>

using namespace snat;
using namespace std::chrono_literals;
using sentences::has;
using Type = Exposition::Type;

namespace {

std::string
counter(Form form)
{
    Exposition out{form};
    out.family(Type::counter, "x_cpu_seconds", "What it took.", "seconds");
    out.sample({{"process", "main"}}, 1.5);
    out.sample({{"process", "kernel"}}, 0.0);
    return std::move(out).end();
}

std::string
label(std::string_view value)
{
    Exposition out{Form::openmetrics};
    out.sample({{"key", value}}, uint64_t{1});
    return std::move(out).end();
}

} // namespace

BOOST_AUTO_TEST_SUITE(exposition)

BOOST_AUTO_TEST_CASE(a_counter_in_openmetrics)
{
    BOOST_TEST(counter(Form::openmetrics)
               == "# HELP x_cpu_seconds What it took.\n"
                  "# TYPE x_cpu_seconds counter\n"
                  "# UNIT x_cpu_seconds seconds\n"
                  "x_cpu_seconds_total{process=\"main\"} 1.5\n"
                  "x_cpu_seconds_total{process=\"kernel\"} 0\n"
                  "# EOF\n");
}

BOOST_AUTO_TEST_CASE(a_counter_in_the_older_form)
{
    BOOST_TEST(counter(Form::prometheus)
               == "# HELP x_cpu_seconds_total What it took.\n"
                  "# TYPE x_cpu_seconds_total counter\n"
                  "x_cpu_seconds_total{process=\"main\"} 1.5\n"
                  "x_cpu_seconds_total{process=\"kernel\"} 0\n");
}

BOOST_AUTO_TEST_CASE(information_is_a_gauge_in_the_older_form)
{
    for (const auto &[form, lines] :
         {std::pair{Form::openmetrics, "# HELP x_build Which.\n"
                                       "# TYPE x_build info\n"
                                       "x_build_info{version=\"1\"} 1\n"
                                       "# EOF\n"},
          std::pair{Form::prometheus, "# HELP x_build_info Which.\n"
                                      "# TYPE x_build_info gauge\n"
                                      "x_build_info{version=\"1\"} 1\n"}}) {
        Exposition out{form};
        out.family(Type::info, "x_build", "Which.");
        out.sample({{"version", "1"}}, uint64_t{1});
        BOOST_TEST(std::move(out).end() == lines);
    }
}

BOOST_AUTO_TEST_CASE(what_a_label_may_not_hold_is_escaped)
{
    BOOST_TEST(has(label("a\"b"), "key=\"a\\\"b\""));
    BOOST_TEST(has(label("a\\b"), "key=\"a\\\\b\""));
    BOOST_TEST(has(label("a\nb"), "key=\"a\\nb\""));
}

BOOST_AUTO_TEST_CASE(numbers_are_told_whole)
{
    Exposition out{Form::prometheus};
    out.family(Type::gauge, "x", "Any.");
    out.sample({}, ~uint64_t{0});
    out.sample({}, int64_t{-1});
    out.sample({}, 1795995026.663);
    BOOST_TEST(has(std::move(out).end(),
                   "x 18446744073709551615\nx -1\nx 1795995026.663\n"));
}

BOOST_AUTO_TEST_CASE(a_bucket_has_what_is_no_longer_than_its_bound)
{
    Histogram histogram;
    for (const auto took : {0ns, 500000ns, 500001ns, 1000000ns}) {
        histogram.add(took);
    }
    histogram.add(30s);
    histogram.add(31s);
    BOOST_TEST(histogram.counts().front() == 2u);
    BOOST_TEST(histogram.counts()[1] == 2u);
    BOOST_TEST(histogram.counts()[Histogram::bounds.size() - 1] == 1u);
    BOOST_TEST(histogram.counts().back() == 1u);
    BOOST_TEST((histogram.sum() == 61s + 2000001ns));
}

BOOST_AUTO_TEST_CASE(buckets_are_told_with_those_before_them)
{
    Histogram histogram;
    histogram.add(700us);
    histogram.add(1s);
    histogram.add(1min);
    Exposition out{Form::openmetrics};
    out.family(Type::histogram, "x_seconds", "Any.", "seconds");
    out.sample({{"phase", "undoing"}}, histogram);
    const std::string text = std::move(out).end();
    for (const char *line :
         {"x_seconds_bucket{phase=\"undoing\",le=\"0.0005\"} 0\n",
          "x_seconds_bucket{phase=\"undoing\",le=\"0.001\"} 1\n",
          "x_seconds_bucket{phase=\"undoing\",le=\"0.5\"} 1\n",
          "x_seconds_bucket{phase=\"undoing\",le=\"1.0\"} 2\n",
          "x_seconds_bucket{phase=\"undoing\",le=\"30.0\"} 2\n",
          "x_seconds_bucket{phase=\"undoing\",le=\"+Inf\"} 3\n",
          "x_seconds_count{phase=\"undoing\"} 3\n",
          "x_seconds_sum{phase=\"undoing\"} 61.0007\n"}) {
        BOOST_TEST(has(text, line), line);
    }
}

BOOST_AUTO_TEST_SUITE_END()
