# The checks of configure.ac that are this project's own.

# SNAT_CXX20: the newest standard that all supported compilers have, with
# GNU's typeof, which Open vSwitch's iteration macros use.
AC_DEFUN([SNAT_CXX20], [
  AC_MSG_CHECKING([whether $CXX takes -std=gnu++20])
  snat_save_CXXFLAGS=$CXXFLAGS
  CXXFLAGS="$CXXFLAGS -std=gnu++20"
  AC_COMPILE_IFELSE(
    [AC_LANG_PROGRAM([[#include <compare>
                       #include <span>
                       struct A { int a; bool operator==(const A &) const
                                  = default; };]],
                     [[return A{1} == A{1} ? 0 : 1;]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([a C++20 compiler is needed: g++ 12, clang++ 14 or newer])])
  CXXFLAGS=$snat_save_CXXFLAGS
  AC_SUBST([CXX_STANDARD], [-std=gnu++20])
])

# SNAT_WARNINGS: --enable-Werror.
#
# g++ 12, once it has inlined enough, takes its own std::string and
# std::optional for wrong (GCC bugs 105562, 105651); no other warning is off.
AC_DEFUN([SNAT_WARNINGS], [
  AC_ARG_ENABLE([Werror],
    [AS_HELP_STRING([--enable-Werror], [treat compiler warnings as errors])])
  WARNING_FLAGS="-Wall -Wextra -Wshadow"
  AC_MSG_CHECKING([whether $CXX warns of its own library])
  AC_COMPILE_IFELSE(
    [AC_LANG_SOURCE([[#if !defined __GNUC__ || defined __clang__ \
                          || __GNUC__ != 12
                      #error
                      #endif]])],
    [AC_MSG_RESULT([yes])
     WARNING_FLAGS="$WARNING_FLAGS -Wno-restrict -Wno-maybe-uninitialized"],
    [AC_MSG_RESULT([no])])
  AS_IF([test "$enable_Werror" = yes],
        [WARNING_FLAGS="$WARNING_FLAGS -Werror"])
  AC_SUBST([WARNING_FLAGS])
])

# SNAT_SANITIZERS: --enable-sanitizers.
AC_DEFUN([SNAT_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers],
                    [find memory errors and undefined behaviour at run time])])
  SANITIZER_FLAGS=
  AS_IF([test "$enable_sanitizers" = yes],
        [SANITIZER_FLAGS="-fsanitize=address,undefined dnl
-fno-sanitize-recover=undefined -fno-omit-frame-pointer"])
  AC_SUBST([SANITIZER_FLAGS])
])

# SNAT_JEMALLOC: --with-jemalloc.
#
# A router with many rules is many small pieces of memory, some of which each
# change replaces.  The C library's malloc() takes longer for them the more
# there are, and needs half as much memory again; sanitizers bring their own.
AC_DEFUN([SNAT_JEMALLOC], [
  AC_ARG_WITH([jemalloc],
    [AS_HELP_STRING([--with-jemalloc],
                    [allocate memory with jemalloc; default: if it is there])],
    [], [with_jemalloc=check])
  AS_IF([test "$enable_sanitizers" = yes], [with_jemalloc=no])
  JEMALLOC_LIBS=
  AS_IF([test "$with_jemalloc" != no],
        [PKG_CHECK_MODULES([JEMALLOC], [jemalloc >= 5], [],
           [AS_IF([test "$with_jemalloc" = yes],
                  [AC_MSG_ERROR([--with-jemalloc: $JEMALLOC_PKG_ERRORS])])])])
  AC_SUBST([JEMALLOC_LIBS])
])

# SNAT_BOOST_TEST: the tests link the shared library of Boost.Test.
AC_DEFUN([SNAT_BOOST_TEST], [
  AC_MSG_CHECKING([for Boost.Test])
  snat_save_LIBS=$LIBS
  BOOST_TEST_LIBS=-lboost_unit_test_framework
  LIBS="$LIBS $BOOST_TEST_LIBS"
  AC_LINK_IFELSE(
    [AC_LANG_SOURCE([[#define BOOST_TEST_DYN_LINK
                      #define BOOST_TEST_MODULE configure
                      #include <boost/test/unit_test.hpp>]])],
    [have_boost_test=yes], [have_boost_test=no])
  LIBS=$snat_save_LIBS
  AC_MSG_RESULT([$have_boost_test])
  AS_IF([test $have_boost_test = no],
        [AC_MSG_WARN([without Boost.Test (libboost-test-dev) no tests])])
  AC_SUBST([BOOST_TEST_LIBS])
  AM_CONDITIONAL([HAVE_BOOST_TEST], [test $have_boost_test = yes])
])

# SNAT_CLANG_FORMAT: each release of clang-format has its own taste, so the
# check of the layout uses just the one that .clang-format was written for.
AC_DEFUN([SNAT_CLANG_FORMAT], [
  AC_ARG_VAR([CLANG_FORMAT], [clang-format 14, for the check of the layout])
  AC_CHECK_PROGS([CLANG_FORMAT], [clang-format-14])
])

# SNAT_OVS: a configured and built Open vSwitch source tree.
#
# --with-ovs-source and --with-ovs-build as in OVN.  Without them,
# build-aux/ovs-build makes one from Debian's openvswitch-source, or finds the
# one that it made before.
AC_DEFUN([SNAT_OVS], [
  AC_ARG_WITH([ovs-source],
    [AS_HELP_STRING([--with-ovs-source=DIR],
                    [Open vSwitch source tree, patched by nothing but built
                     with plugin/tables/json-names.h included; default: build
                     Debian's openvswitch-source once, in a cache])])
  AC_ARG_WITH([ovs-build],
    [AS_HELP_STRING([--with-ovs-build=DIR],
                    [Open vSwitch build tree; default: the source tree])])
  AC_MSG_CHECKING([for Open vSwitch])
  AS_IF(
    [test -n "$with_ovs_source"],
    [OVS_SRCDIR=`cd "$with_ovs_source" && pwd` || OVS_SRCDIR=
     OVS_BUILDDIR=`cd "${with_ovs_build:-$with_ovs_source}" && pwd` \
         || OVS_BUILDDIR=],
    [test -n "$with_ovs_build"],
    [AC_MSG_ERROR([--with-ovs-build needs --with-ovs-source])],
    [snat_ovs=`"$srcdir/build-aux/ovs-build"` \
         || AC_MSG_ERROR([build-aux/ovs-build failed])
     OVS_SRCDIR=$snat_ovs/openvswitch
     OVS_BUILDDIR=$snat_ovs/build])
  AC_MSG_RESULT([$OVS_BUILDDIR])
  AS_IF([test ! -e "$OVS_SRCDIR/vswitchd/bridge.c"],
        [AC_MSG_ERROR([$OVS_SRCDIR is not an Open vSwitch source tree])])
  AS_IF([test ! -e "$OVS_BUILDDIR/config.h"],
        [AC_MSG_ERROR([$OVS_BUILDDIR is not configured])])
  AS_IF([test ! -e "$OVS_BUILDDIR/lib/libopenvswitch.la"],
        [AC_MSG_ERROR([$OVS_BUILDDIR/lib/libopenvswitch.la is not built])])

  # System headers, for they would not survive our warnings.
  OVS_CPPFLAGS=
  for snat_dir in "$OVS_SRCDIR/include" "$OVS_BUILDDIR/include" \
                  "$OVS_SRCDIR/lib" "$OVS_BUILDDIR/lib" \
                  "$OVS_SRCDIR" "$OVS_BUILDDIR"; do
    AS_CASE([" $OVS_CPPFLAGS "], [*" $snat_dir "*], [],
            [OVS_CPPFLAGS="$OVS_CPPFLAGS -isystem $snat_dir"])
  done
  AC_SUBST([OVS_SRCDIR])
  AC_SUBST([OVS_BUILDDIR])
  AC_SUBST([OVS_CPPFLAGS])
  AC_SUBST([CONFIG_STATUS_DEPENDENCIES],
    ['$(top_srcdir)/build-aux/ovs-build $(top_srcdir)/plugin/tables/json-names.h'])
])
