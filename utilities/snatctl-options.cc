// See snatctl-options.hh.
#include "snatctl-options.hh"

#include "snatctl.hh"

#include <iterator>

namespace snat::ctl {
namespace {

[[noreturn]] void
usage(const Options &options)
{
    printf("\
%s: SNAT router configuration utility\n\
usage: %s [OPTIONS] COMMAND [ARG...] [-- COMMAND [ARG...]]...\n\
The options of a command stand before its name.\n\
\n\
General commands:\n\
  show [ROUTER]               print routers as a tree: their states, last\n\
                              changes, ports, NAT rules, routes\n\
  [--type=dot|svg]\n\
  graph [ROUTER]              draw routers for Graphviz, or as a picture\n\
  init                        initialize database, if not yet initialized\n\
  comment [ARG]...            add ARGs to the database's log\n\
\n\
Router commands:\n\
  [--may-exist]\n\
  router-add ROUTER           create ROUTER\n\
  [--if-exists]\n\
  router-del ROUTER           delete ROUTER with all that it has\n\
  router-list                 print the names of all routers, or a table\n\
\n\
Port commands:\n\
  [--may-exist] [--role=gateway|internal] [--bridge=BRIDGE] [--tag=VLAN]\n\
  [--mac=MAC] [--mtu=BYTES] [--gateway=IP[,IP]...]\n\
  [--wiring=auto|veth|internal]\n\
  port-add ROUTER PORT [NETWORK]...\n\
                              add PORT with these networks to ROUTER\n\
  [--if-exists]\n\
  port-del PORT               delete PORT from its router\n\
  port-list ROUTER            print the names of ROUTER's ports, or a table\n\
\n\
NAT commands:\n\
  [--may-exist] [--gateway-port=PORT] [--stateless]\n\
  nat-add ROUTER TYPE EXTERNAL_IP LOGICAL_IP\n\
          [PROTO EXTERNAL_PORT [INTERNAL_PORT]]\n\
                              add a NAT rule to ROUTER\n\
  [--if-exists] [--gateway-port=PORT]\n\
  nat-del ROUTER [TYPE [IP [PROTO [EXTERNAL_PORT]]]]\n\
                              delete NAT rules of ROUTER\n\
  nat-list ROUTER             print NAT rules of ROUTER\n\
\n\
Route commands:\n\
  [--may-exist] [--policy=dst-ip|src-ip] [--metric=N] [--route-table=NAME]\n\
  route-add ROUTER PREFIX NEXTHOP|discard [PORT]\n\
                              add a static route to ROUTER\n\
  [--if-exists] [--policy=dst-ip|src-ip] [--metric=N] [--route-table=NAME]\n\
  route-del ROUTER [PREFIX [NEXTHOP [PORT]]]\n\
                              delete static routes of ROUTER\n\
  route-list ROUTER           print static routes of ROUTER\n\
\n\
The list commands take --columns=COLUMN[,COLUMN]...\n\
\n\
Change commands:\n\
  change-list [ROUTER]        print changes, the newest last\n\
  change-show NUMBER          print one change with its steps\n\
  [--force]\n\
  undo NUMBER                 bring a router's rows back to what they were\n\
                              before that change\n\
  confirm NUMBER|ROUTER       let a change stand that was made with --confirm\n\
\n\
Neutron commands:\n\
  [--prune] [--host=NAME] [--bridge=BRIDGE] [--external-bridge=BRIDGE]\n\
  neutron-sync FILE|-         make routers as Neutron tells its L3 agents\n\
\n\
Remote commands:\n\
  get-connection              print where the database server listens\n\
  del-connection              listen at the server's own socket only\n\
  [--inactivity-probe=MSECS]\n\
  set-connection TARGET...    listen at each TARGET, too\n\
  get-ssl                     print the server's key and certificates\n\
  del-ssl                     use none\n\
  set-ssl PRIVATE-KEY CERTIFICATE CA-CERT [PROTOCOLS [CIPHERS]]\n\
                              use these files\n\
\n\
%s%s\n\
Options:\n\
  --db=DATABASE               connect to DATABASE\n\
                              (default: %s)\n\
  --retry                     keep trying to connect to it\n\
  --leader-only               of a cluster, use the leader only (default)\n\
  --no-leader-only            use any server of it\n\
  --wait                      wait for ovs-snatd to realise it (default)\n\
  --no-wait                   do not wait for ovs-snatd\n\
  -t, --timeout=SECS          wait at most SECS seconds\n\
  --confirm=SECS              undo it again unless \"confirm\" comes within\n\
                              SECS seconds\n\
  --dry-run                   print what would be written, and do not\n\
  --oneline                   print exactly one line of output per command\n",
           program_name, program_name, ctl_get_db_cmd_usage(),
           ctl_list_db_tables_usage(), options.db.c_str());
    puts("\n\
Output formatting options:\n\
  -f, --format=FORMAT         print tables as \"table\", \"list\", \"html\",\n\
                              \"csv\", or \"json\"\n\
  -d, --data=FORMAT           print cells as \"string\", \"bare\", or \"json\"\n\
  --no-headings               print no headings\n\
  --pretty                    indent JSON\n\
  --bare                      the same as \"--format=list --data=bare\n\
                              --no-headings\"\n\
  --max-column-width=N        print at most N characters of a cell");
    vlog_usage();
    stream_usage("database", true, true, true);
    puts("\n\
Other options:\n\
  --peer-ca-cert=FILE         file with the peer's CA certificate, to send it\n\
  --commands                  list the commands, for programs\n\
  --options                   list the options, for programs\n\
  -h, --help                  display this help message\n\
  -V, --version               display version information\n\
\n\
It ends with 0 if all is as the commands want it, 1 if nothing was written\n\
for some error, 2 if it was written and ovs-snatd could not realise it, 3 if\n\
--timeout was over.");
    exit(EXIT_SUCCESS);
}

void
add_local(shash *local, const std::string &name, const char *value)
{
    if (shash_find(local, name.c_str())) {
        ctl_fatal("%s is given twice", name.c_str());
    }
    shash_add_nocopy(local, xstrdup(name.c_str()), nullable_xstrdup(value));
}

uint32_t
read_confirm_seconds(const char *text)
{
    constexpr unsigned int most = 86400; // A day.
    unsigned int seconds = 0;
    if (!str_to_uint(text, 10, &seconds) || !seconds || seconds > most) {
        ctl_fatal("--confirm=%s: expected a number of seconds from 1 to %u",
                  printable(text).c_str(), most);
    }
    return seconds;
}

} // namespace

Options
parse_options(int argc, char *argv[], shash *local)
{
    Options options;
    options.db = std::string{"unix:"} + ovs_rundir() + "/ovs_snat_db.sock";
    enum {
        OPT_DB = UCHAR_MAX + 1,
        OPT_ONELINE,
        OPT_WAIT,
        OPT_NO_WAIT,
        OPT_DRY_RUN,
        OPT_CONFIRM,
        OPT_RETRY,
        OPT_COMMANDS,
        OPT_OPTIONS,
        OPT_LOCAL,
        OPT_BOOTSTRAP_CA_CERT,
        OPT_PEER_CA_CERT,
        VLOG_OPTION_ENUMS,
        TABLE_OPTION_ENUMS,
        SSL_OPTION_ENUMS,
    };
    const option own[] = {
        {"db", required_argument, nullptr, OPT_DB},
        {"wait", no_argument, nullptr, OPT_WAIT},
        {"no-wait", no_argument, nullptr, OPT_NO_WAIT},
        {"dry-run", no_argument, nullptr, OPT_DRY_RUN},
        {"confirm", required_argument, nullptr, OPT_CONFIRM},
        {"oneline", no_argument, nullptr, OPT_ONELINE},
        {"timeout", required_argument, nullptr, 't'},
        {"retry", no_argument, nullptr, OPT_RETRY},
        {"help", no_argument, nullptr, 'h'},
        {"commands", no_argument, nullptr, OPT_COMMANDS},
        {"options", no_argument, nullptr, OPT_OPTIONS},
        {"leader-only", no_argument, &options.leader_only, true},
        {"no-leader-only", no_argument, &options.leader_only, false},
        {"version", no_argument, nullptr, 'V'},
        VLOG_LONG_OPTIONS,
        TABLE_LONG_OPTIONS,
        STREAM_SSL_LONG_OPTIONS,
        {"bootstrap-ca-cert", required_argument, nullptr,
         OPT_BOOTSTRAP_CA_CERT},
        {"peer-ca-cert", required_argument, nullptr, OPT_PEER_CA_CERT},
        {},
    };
    constexpr size_t n_own = std::size(own) - 1;

    // getopt_long() shall see the commands' options too, behind our own.
    size_t n = n_own;
    size_t allocated = std::size(own);
    auto *all = static_cast<option *>(xmemdup(own, sizeof own));
    ctl_add_cmd_options(&all, &n, &allocated, OPT_LOCAL);
    char *letters = ovs_cmdl_long_options_to_short_options(own);
    const auto short_options = std::string{"+"} + letters;
    free(letters);

    for (;;) {
        int i = 0;
        const int c = getopt_long(argc, argv, short_options.c_str(), all, &i);
        if (c == -1) {
            break;
        }
        options.manner.format_given |= c == 'f' || c == OPT_BARE;
        switch (c) {
        case OPT_DB:
            options.db = optarg;
            break;
        case OPT_WAIT:
            options.manner.wait = true;
            break;
        case OPT_NO_WAIT:
            options.manner.wait = false;
            break;
        case OPT_DRY_RUN:
            options.manner.dry_run = true;
            break;
        case OPT_CONFIRM:
            options.manner.confirm = read_confirm_seconds(optarg);
            break;
        case OPT_ONELINE:
            options.manner.oneline = true;
            break;
        case OPT_RETRY:
            options.retry = true;
            break;
        case OPT_LOCAL:
            add_local(local, std::string{"--"} + all[i].name, optarg);
            break;
        case OPT_COMMANDS:
            ctl_print_commands();
            exit(EXIT_SUCCESS);
        case OPT_OPTIONS:
            ctl_print_options(own);
            exit(EXIT_SUCCESS);
        case 't':
            if (!str_to_uint(optarg, 10, &options.timeout)
                || !options.timeout) {
                ctl_fatal("--timeout=%s: expected a number of seconds from 1",
                          printable(optarg).c_str());
            }
            break;
        case 'h':
            usage(options);
        case 'V':
            ovs_print_version(0, 0);
            printf("DB Schema %s\n", snatrec_get_db_version());
            exit(EXIT_SUCCESS);
            VLOG_OPTION_HANDLERS
            TABLE_OPTION_HANDLERS(&options.manner.style)
            STREAM_SSL_OPTION_HANDLERS
        case OPT_PEER_CA_CERT:
            stream_ssl_set_peer_ca_cert_file(optarg);
            break;
        case OPT_BOOTSTRAP_CA_CERT:
            stream_ssl_set_ca_cert_file(optarg, true);
            break;
        case 0:
            break;
        case '?':
            exit(EXIT_FAILURE);
        default:
            OVS_NOT_REACHED();
        }
    }
    for (size_t i = n_own; all[i].name; i++) {
        free(const_cast<char *>(all[i].name));
    }
    free(all);
    return options;
}

} // namespace snat::ctl
