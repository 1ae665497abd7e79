#include "bench.hh"

#include <algorithm>
#include <cstdio>
#include <string>

namespace bench {
namespace {

void
print_heading()
{
    static bool is_printed = false;
    if (is_printed) {
        return;
    }
    is_printed = true;
    printf("%-44s %9s %9s %9s %7s   processor time, ms:", "milliseconds",
           "median", "p99", "floor", "ratio");
    for (const char *name : process_names) {
        printf(" %s%s", name == process_names[0] ? "" : "| ", name);
    }
    printf("\n");
}

// Of both, or of one that has no processor times.
void
print_cpu(const std::optional<Cpu> &cpu)
{
    if (cpu) {
        printf("  ");
        for (size_t i = 0; i < process_count; i++) {
            printf(" %7.2f", (*cpu)[static_cast<Process>(i)].all);
        }
    }
    printf("\n");
}

void
print_json(const char *key, const std::optional<Cpu> &cpu)
{
    if (!cpu) {
        return;
    }
    printf(", \"%s\": {", key);
    for (size_t i = 0; i < process_count; i++) {
        printf("%s\"%s\": %.3f", i ? ", " : "", process_keys[i],
               (*cpu)[static_cast<Process>(i)].all);
    }
    printf("}");
}

} // namespace

double
Timing::at(double share) const
{
    auto sorted = ms;
    std::ranges::sort(sorted);
    const auto last = static_cast<double>(sorted.size() - 1);
    return sorted[static_cast<size_t>(share * last)];
}

void
Timing::add(const Cpu &more)
{
    cpu = cpu.value_or(Cpu{}) + more;
}

void
print(const std::string &what, const Timing &timing, const Timing &floor)
{
    print_heading();
    const double median = timing.at(0.5), p99 = timing.at(0.99);
    const double least = floor.at(0.5), ratio = median / least;
    printf("%-44s %9.2f %9.2f %9.2f %7.1f", what.c_str(), median, p99, least,
           ratio);
    print_cpu(timing.cpu);
    if (floor.cpu) {
        printf("%-44s %9.2f %9.2f %9s %7s", "  the floor", least,
               floor.at(0.99), "", "");
        print_cpu(floor.cpu);
    }
    printf("{\"what\": \"%s\", \"median_ms\": %.3f, \"p99_ms\": %.3f, "
           "\"floor_ms\": %.3f, \"ratio\": %.2f",
           what.c_str(), median, p99, least, ratio);
    print_json("cpu_ms", timing.cpu);
    print_json("floor_cpu_ms", floor.cpu);
    printf("}\n");
    fflush(stdout);
}

} // namespace bench
