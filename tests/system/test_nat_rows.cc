#include "system/nat.hh"
