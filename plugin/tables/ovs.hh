// The only door into libopenvswitch.
//
// Open vSwitch is C that C++ cannot quite read as it stands: some parameters
// are named `new` and `class`, and most headers do not say extern "C".  This
// file cures that once.  Whoever needs Open vSwitch includes it, and only
// tables/, appctl/, main.cc and ovs-snatctl do: everybody else works on plain
// values.
//
// Order matters.  The names shared with jansson come first; every standard
// and system header that Open vSwitch pulls in comes before the window in
// which `new` and `class` mean something else; util.h holds a C++ template
// and so stays outside extern "C".
#pragma once

#include "json-names.h"

#include <config.h> // Open vSwitch's own, never ours

#include <arpa/inet.h>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "util.h"

#define class class_
#define new new_
extern "C" {
#include "command-line.h"
#include "daemon.h"
#include "db-ctl-base.h"
#include "dirs.h"
#include "fatal-signal.h"
#include "memory.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "process.h"
#include "simap.h"
#include "stream-ssl.h"
#include "stream.h"
#include "svec.h"
#include "table.h"
#include "timeval.h"
#include "unixctl.h"
#include "vswitch-idl.h"

#include "snat-idl.h" // generated from ovsdb-schema/
}
#undef class
#undef new
#undef ovs_fatal // db-ctl-base.h forbids it, which is right for its own files
