#include "appctl/exposition.hh"

#include <charconv>

namespace snat {
namespace {

std::string_view
to_string(Exposition::Type type, Form form)
{
    switch (type) {
    case Exposition::Type::counter:
        return "counter";
    case Exposition::Type::histogram:
        return "histogram";
    case Exposition::Type::info:
        return form == Form::openmetrics ? "info" : "gauge";
    case Exposition::Type::gauge:
        break;
    }
    return "gauge";
}

std::string_view
suffix_of(Exposition::Type type)
{
    return type == Exposition::Type::counter ? "_total"
           : type == Exposition::Type::info  ? "_info"
                                             : "";
}

std::string
escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"') {
            out += '\\';
        }
        out += c == '\n' ? std::string_view{"\\n"} : std::string_view{&c, 1};
    }
    return out;
}

// The shortest that says the same, whatever the locale.
std::string
number(double value)
{
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return {text, end};
}

double
seconds(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double>{time}.count();
}

// As the bound of a bucket, which in OpenMetrics never looks like an integer.
std::string
bound(std::chrono::nanoseconds time)
{
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, seconds(time),
                                   std::chars_format::fixed)
                         .ptr;
    const std::string fixed{text, end};
    return fixed.find('.') == fixed.npos ? fixed + ".0" : fixed;
}

} // namespace

std::string
Exposition::described_name() const
{
    return form_ == Form::openmetrics ? name_
                                      : name_ + std::string{suffix_of(type_)};
}

void
Exposition::family(Type type, std::string_view name, std::string_view help,
                   std::string_view unit)
{
    type_ = type;
    name_ = name;
    const std::string described = described_name();
    const auto describe = [&](std::string_view what, std::string_view text) {
        out_ += "# ";
        out_ += what;
        out_ += " " + described + " ";
        out_ += text;
        out_ += "\n";
    };
    describe("HELP", help);
    describe("TYPE", to_string(type, form_));
    if (form_ == Form::openmetrics && !unit.empty()) {
        describe("UNIT", unit);
    }
}

void
Exposition::line(std::string_view suffix, const Labels &labels,
                 std::string_view value)
{
    out_ += name_;
    out_ += suffix;
    char separator = '{';
    for (const auto &[key, text] : labels) {
        out_ += separator;
        out_ += key;
        out_ += "=\"" + escaped(text) + "\"";
        separator = ',';
    }
    out_ += labels.empty() ? " " : "} ";
    out_ += value;
    out_ += "\n";
}

void
Exposition::sample(const Labels &labels, uint64_t value)
{
    line(suffix_of(type_), labels, std::to_string(value));
}

void
Exposition::sample(const Labels &labels, int64_t value)
{
    line(suffix_of(type_), labels, std::to_string(value));
}

void
Exposition::sample(const Labels &labels, double value)
{
    line(suffix_of(type_), labels, number(value));
}

void
Exposition::sample(const Labels &labels, const Histogram &value)
{
    uint64_t count = 0;
    for (size_t bucket = 0; bucket < value.counts().size(); bucket++) {
        const bool has_end = bucket < Histogram::bounds.size();
        const std::string end
            = has_end ? bound(Histogram::bounds[bucket]) : "+Inf";
        Labels with_end = labels;
        with_end.emplace_back("le", end);
        count += value.counts()[bucket];
        line("_bucket", with_end, std::to_string(count));
    }
    line("_count", labels, std::to_string(count));
    line("_sum", labels, number(seconds(value.sum())));
}

std::string
Exposition::end() &&
{
    return std::move(out_) + (form_ == Form::openmetrics ? "# EOF\n" : "");
}

} // namespace snat
