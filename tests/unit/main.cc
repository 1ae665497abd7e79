// The unit tests: values only, no root, milliseconds.
#define BOOST_TEST_MODULE unit
#include <boost/test/unit_test.hpp>
