/* libopenvswitch and jansson both export these six functions with different
 * types, so a program that links both crashes.  Open vSwitch's are renamed:
 * this header is force-included when libopenvswitch is built, and is the
 * first include of every file of ours that sees an Open vSwitch header. */
#ifndef SNAT_JSON_NAMES_H
#define SNAT_JSON_NAMES_H 1

#define json_array ovs_json_array
#define json_equal ovs_json_equal
#define json_integer ovs_json_integer
#define json_object ovs_json_object
#define json_real ovs_json_real
#define json_string ovs_json_string

#endif
