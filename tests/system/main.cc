// The system tests: real Open vSwitch, real kernel, real packets; each case in
// a node of its own.  They need root and take seconds: see tests/system/run.
#define BOOST_TEST_MODULE system
#include <boost/test/unit_test.hpp>
