// ovs-snatd: options, privileges, the loop.

#include "appctl/commands.hh"
#include "appctl/metrics.hh"
#include "change/engine.hh"
#include "heartbeat.hh"
#include "kernel/client.hh"
#include "kernel/server.hh"
#include "kernel/usage.hh"
#include "loop_clock.hh"
#include "loop_turns.hh"
#include "metrics_file.hh"
#include "started_with.hh"
#include "tables/both.hh"
#include "tables/ovs.hh"

#include <cap-ng.h>
#include <csignal>
#include <memory>
#include <optional>
#include <sys/prctl.h>
#include <unistd.h>

VLOG_DEFINE_THIS_MODULE(snatd);

namespace snat {
namespace {

struct Options_given {
    std::string snat_db, ovs_db, unixctl;
    std::string netns_dir = "/run/netns";
    std::string kernel_socket; // Empty: our own child.
    bool is_kernel_process = false;
    bool with_faults = false;
    std::string metrics_file; // Empty: none.
    std::chrono::seconds metrics_interval{15};
};

[[noreturn]] void
usage()
{
    printf(
        "%s: SNAT routers beside Open vSwitch, every change a "
        "transaction\n"
        "usage: %s [OPTIONS]\n"
        "  --snat-db=REMOTE      the OVS_SNAT database "
        "(default: unix:%s/ovs_snat_db.sock)\n"
        "  --ovs-db=REMOTE       the switch's database "
        "(default: unix:%s/db.sock)\n"
        "  --netns-dir=DIR       where named network namespaces are "
        "(default: /run/netns)\n"
        "  --kernel-socket=PATH  have the kernel process started there\n"
        "  --kernel-process      be the kernel process of who is at "
        "standard input\n"
        "  --metrics-file=FILE   keep what metrics/show tells in FILE, for a "
        "collector\n"
        "  --metrics-interval=SECS  and write it anew so often "
        "(default: 15)\n"
        "  --enable-faults       allow fault/* commands, for drills\n",
        program_name, program_name, ovs_rundir(), ovs_rundir());
    daemon_usage();
    vlog_usage();
    stream_usage("DATABASE", true, false, true);
    printf("\nOther options:\n"
           "  --unixctl=SOCKET      override default control socket name\n"
           "  -h, --help            display this help message\n"
           "  -V, --version         display version information\n");
    exit(EXIT_SUCCESS);
}

// The daemon's directory will be another.
std::string
read_file_name(const char *text)
{
    const std::unique_ptr<char, decltype(&free)> absolute{
        abs_file_name(nullptr, text), free};
    return absolute.get();
}

std::chrono::seconds
read_metrics_interval(const char *text)
{
    unsigned int number;
    if (!str_to_uint(text, 10, &number) || number == 0 || number > 3600) {
        VLOG_FATAL("--metrics-interval=%s: expected 1 to 3600 seconds", text);
    }
    return std::chrono::seconds{number};
}

Options_given
parse_options(int argc, char *argv[])
{
    enum {
        OPT_SNAT_DB = UCHAR_MAX + 1,
        OPT_OVS_DB,
        OPT_NETNS_DIR,
        OPT_KERNEL_SOCKET,
        OPT_KERNEL_PROCESS,
        OPT_ENABLE_FAULTS,
        OPT_METRICS_FILE,
        OPT_METRICS_INTERVAL,
        OPT_UNIXCTL,
        VLOG_OPTION_ENUMS,
        DAEMON_OPTION_ENUMS,
        SSL_OPTION_ENUMS,
    };
    static const option long_options[] = {
        {"snat-db", required_argument, nullptr, OPT_SNAT_DB},
        {"ovs-db", required_argument, nullptr, OPT_OVS_DB},
        {"netns-dir", required_argument, nullptr, OPT_NETNS_DIR},
        {"kernel-socket", required_argument, nullptr, OPT_KERNEL_SOCKET},
        {"kernel-process", no_argument, nullptr, OPT_KERNEL_PROCESS},
        {"enable-faults", no_argument, nullptr, OPT_ENABLE_FAULTS},
        {"metrics-file", required_argument, nullptr, OPT_METRICS_FILE},
        {"metrics-interval", required_argument, nullptr, OPT_METRICS_INTERVAL},
        {"unixctl", required_argument, nullptr, OPT_UNIXCTL},
        {"help", no_argument, nullptr, 'h'},
        {"version", no_argument, nullptr, 'V'},
        VLOG_LONG_OPTIONS,
        DAEMON_LONG_OPTIONS,
        STREAM_SSL_LONG_OPTIONS,
        {nullptr, 0, nullptr, 0},
    };
    const std::unique_ptr<char, decltype(&free)> short_options{
        ovs_cmdl_long_options_to_short_options(long_options), free};
    const std::string rundir = ovs_rundir();
    Options_given given;
    given.snat_db = "unix:" + rundir + "/ovs_snat_db.sock";
    given.ovs_db = "unix:" + rundir + "/db.sock";
    for (;;) {
        const int c = getopt_long(argc, argv, short_options.get(),
                                  long_options, nullptr);
        switch (c) {
        case -1:
            if (optind < argc) {
                VLOG_FATAL("unexpected argument %s; see --help", argv[optind]);
            }
            return given;
        case OPT_SNAT_DB:
            given.snat_db = optarg;
            break;
        case OPT_OVS_DB:
            given.ovs_db = optarg;
            break;
        case OPT_NETNS_DIR:
            given.netns_dir = optarg;
            break;
        case OPT_KERNEL_SOCKET:
            given.kernel_socket = optarg;
            break;
        case OPT_KERNEL_PROCESS:
            given.is_kernel_process = true;
            break;
        case OPT_ENABLE_FAULTS:
            given.with_faults = true;
            break;
        case OPT_METRICS_FILE:
            given.metrics_file = read_file_name(optarg);
            break;
        case OPT_METRICS_INTERVAL:
            given.metrics_interval = read_metrics_interval(optarg);
            break;
        case OPT_UNIXCTL:
            given.unixctl = optarg;
            break;
        case 'h':
            usage();
        case 'V':
            ovs_print_version(0, 0);
            exit(EXIT_SUCCESS);
            VLOG_OPTION_HANDLERS
            DAEMON_OPTION_HANDLERS
            STREAM_SSL_OPTION_HANDLERS
        default:
            exit(EXIT_FAILURE);
        }
    }
}

// The main process needs none of what root may do: sockets and log files are
// opened as their owner.
void
drop_privileges()
{
    capng_clear(CAPNG_SELECT_ALL);
    if (capng_apply(CAPNG_SELECT_ALL)
        || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
        VLOG_FATAL("cannot drop privileges: must be started as root");
    }
}

// Whoever has the kernel process started by others tells those where the
// namespaces are, and needs no more than the sockets.
void
check(const Options_given &given)
{
    require_remote("--snat-db", given.snat_db);
    require_remote("--ovs-db", given.ovs_db);
    if (given.kernel_socket.empty()) {
        require_root();
        require_netns_dir(given.netns_dir);
    }
}

std::string
lock_file()
{
    return std::string{ovs_rundir()} + "/ovs-snatd-kernel.lock";
}

Result<Spawned>
find_kernel_process(const Options_given &given)
{
    if (!given.kernel_socket.empty()) {
        return have_started(given.kernel_socket);
    }
    return spawn(given.netns_dir, lock_file(), [] {
        // The pid file and all that is removed at exit stay the parent's.
        fatal_signal_fork();
    });
}

Spawned
start_kernel_process(const Options_given &given)
{
    const auto spawned = find_kernel_process(given);
    if (!spawned) {
        VLOG_FATAL("%s", spawned.error().what.c_str());
    }
    return *spawned;
}

void
log(const std::string &line)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(600, 600);
    VLOG_INFO_RL(&rl, "%s", line.c_str());
}

void
alarm(const std::string &line)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(600, 600);
    VLOG_WARN_RL(&rl, "%s", line.c_str());
}

// Everything that the loop runs, in the order in which it is made.
struct Daemon {
    Daemon(const Options_given &given, const Spawned &spawned)
        : kernel{spawned.fd, log}, vswitch{given.ovs_db, clock},
          snat{given.snat_db}, kernel_pid{spawned.pid}
    {
        kernel.on_moved([this](const Moved &moved) { engine.moved(moved); });
        register_commands(commands, given.with_faults);
        if (!given.metrics_file.empty()) {
            metrics_file.emplace(given.metrics_file, given.metrics_interval,
                                 clock, [this] { return metrics_to_keep(); });
        }
    }

    // The parts of a turn, in their order.
    void hear();
    void read();
    void act();
    std::string metrics(Form form) const;
    std::optional<std::string> metrics_to_keep() const;
    void report_memory() const;
    void wait() const;
    void crash(Victim victim) const;

    Loop_clock clock;
    Kernel_process kernel;
    Vswitch vswitch;
    Snat_tables snat;
    Both_databases databases{snat, vswitch};
    pid_t kernel_pid;
    World world{kernel,
                vswitch,
                databases,
                clock,
                [this](Victim victim) { crash(victim); },
                log,
                alarm};
    Fault fault;
    Engine engine{world, fault};
    Commands_for commands{engine, fault, [this] { return snat.records(); },
                          [this] { return metrics(Form::openmetrics); }};
    Heartbeat heartbeat{kernel, clock};
    Loop_turns turns;
    std::optional<Metrics_file> metrics_file;
    bool loaded = false;
};

void
Daemon::hear()
{
    if (const auto outcome = kernel.run(); !outcome) {
        VLOG_FATAL("%s", outcome.error().what.c_str());
    }
}

void
Daemon::read()
{
    const bool vswitch_changed = vswitch.run();
    const bool snat_changed = snat.run();
    // Its successor waits for this one's kernel process to end.
    if (loaded && vswitch.is_taken_over()) {
        VLOG_FATAL("another ovs-snatd has taken over");
    }
    // While the switch's database is away, what it said last is as good as
    // ever: whatever needs more waits for it, and says so.
    if ((loaded || vswitch.is_ready()) && snat.is_ready()) {
        if (!loaded) {
            engine.load(databases.load());
        }
        if (!loaded || vswitch_changed || snat_changed) {
            engine.update(databases.read());
            databases.keep(engine.limits().change_history);
        }
        loaded = true;
    }
}

void
Daemon::act()
{
    clock.run();
    vswitch.flush();
    snat.flush();
}

std::string
Daemon::metrics(Form form) const
{
    Surrounding_metrics around;
    around.version = SNAT_VERSION;
    around.is_ready = loaded;
    around.switch_runs = vswitch.is_running();
    around.changes = snat.count_changes();
    around.own_database = snat.state();
    around.switch_database = vswitch.state();
    around.main = own_usage();
    around.kernel = heartbeat.usage();
    around.kernel_silence = heartbeat.silence();
    around.turns = turns.all();
    around.longest_turn = turns.longest();
    return view_metrics(engine, around, form);
}

// A file is of the one daemon that is in charge, or will be once it can read.
std::optional<std::string>
Daemon::metrics_to_keep() const
{
    return loaded || vswitch.is_ready()
               ? std::optional{metrics(Form::prometheus)}
               : std::nullopt;
}

void
Daemon::crash(Victim victim) const
{
    if (victim != Victim::main && kernel_pid) {
        kill(kernel_pid, SIGKILL);
    }
    if (victim != Victim::kernel) {
        kill(getpid(), SIGKILL);
    }
}

// For "ovs-appctl memory/show".
void
Daemon::report_memory() const
{
    if (memory_should_report()) {
        simap usage = SIMAP_INITIALIZER(&usage);
        simap_increase(&usage, "routers",
                       static_cast<unsigned>(engine.routers().size()));
        ovsdb_idl_get_memory_usage(vswitch.idl(), &usage);
        ovsdb_idl_get_memory_usage(snat.idl(), &usage);
        memory_report(&usage);
        simap_destroy(&usage);
    }
}

void
Daemon::wait() const
{
    poll_fd_wait(kernel.fd(),
                 kernel.wants_write() ? POLLIN | POLLOUT : POLLIN);
    if (kernel.has_answer()) {
        poll_immediate_wake();
    }
    vswitch.wait();
    snat.wait();
    if (const auto next = clock.next()) {
        poll_timer_wait_until(next->count());
    }
}

void
ask_to_exit(unixctl_conn *conn, int, const char *[], void *exiting)
{
    *static_cast<bool *>(exiting) = true;
    unixctl_command_reply(conn, nullptr);
}

int
run(int argc, char *argv[])
{
    ovs_cmdl_proctitle_init(argc, argv);
    set_program_name(argv[0]);
    ovs_set_program_name(argv[0], SNAT_VERSION);
    service_start(&argc, &argv);
    const Options_given given = parse_options(argc, argv);
    fatal_ignore_sigpipe();
    note_start();
    if (given.is_kernel_process) {
        return serve(STDIN_FILENO, given.netns_dir, lock_file());
    }
    check(given);
    daemonize_start(false);
    const Spawned spawned = start_kernel_process(given);
    drop_privileges();

    unixctl_server *unixctl;
    if (unixctl_server_create(given.unixctl.empty() ? nullptr
                                                    : given.unixctl.c_str(),
                              &unixctl)) {
        return EXIT_FAILURE;
    }
    bool exiting = false;
    unixctl_command_register("exit", "", 0, 0, ask_to_exit, &exiting);
    {
        Daemon daemon{given, spawned};
        daemonize_complete();
        while (!exiting) {
            daemon.turns.begin();
            daemon.hear();
            daemon.read();
            // Whoever has waited for the databases to tell something, and
            // asks, is told no older news than they have.
            unixctl_server_run(unixctl);
            daemon.act();
            memory_run();
            daemon.report_memory();
            unixctl_server_wait(unixctl);
            daemon.wait();
            memory_wait();
            if (exiting) {
                poll_immediate_wake();
            }
            daemon.turns.end();
            poll_block();
        }
    }
    unixctl_server_destroy(unixctl);
    service_stop();
    return EXIT_SUCCESS;
}

} // namespace
} // namespace snat

int
main(int argc, char *argv[])
{
    return snat::run(argc, argv);
}
