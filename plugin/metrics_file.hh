// A file of metrics for who collects them from files, as the textfile
// collector of Prometheus' node_exporter does.  It is replaced as a whole, so
// nobody reads half of one, and is there as long as the daemon is: of a daemon
// that has ended it would go on saying that all is well.  One that stands by
// for another may be told the same file; then it is the other's.
#pragma once

#include "change/world.hh"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace snat {

class Metrics_file {
public:
    // Writes what 'render' gives, at once and again after each 'interval'.
    // While it gives nothing, the file is left alone.
    Metrics_file(std::string file, std::chrono::seconds interval, Clock &clock,
                 std::function<std::optional<std::string>()> render);

private:
    struct Written;

    void renew();
    Outcome write(const std::string &text) const;

    Written &written_;
    std::chrono::seconds interval_;
    Clock &clock_;
    std::function<std::optional<std::string>()> render_;
};

} // namespace snat
