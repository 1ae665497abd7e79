// Metrics as text.  OpenMetrics 1.0 and the older text format of Prometheus,
// 0.0.4, differ little, but in that: the older one has no units and no end,
// names a counter's family as its samples, and knows no type "info".
#pragma once

#include "change/metrics.hh"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace snat {

enum class Form { openmetrics, prometheus };

class Exposition {
public:
    enum class Type { gauge, counter, histogram, info };
    using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

    explicit Exposition(Form form) : form_{form} {}

    // Begins a family, which the samples that follow are of.  The name is
    // without what the type adds to it, such as "_total", and ends with the
    // unit, if there is one.
    void family(Type type, std::string_view name, std::string_view help,
                std::string_view unit = {});
    void sample(const Labels &labels, uint64_t value);
    void sample(const Labels &labels, int64_t value);
    void sample(const Labels &labels, double value);
    void sample(const Labels &labels, const Histogram &value);

    // All of it.
    std::string end() &&;

private:
    std::string described_name() const;
    void line(std::string_view suffix, const Labels &labels,
              std::string_view value);

    Form form_;
    Type type_ = Type::gauge;
    std::string name_, out_;
};

} // namespace snat
