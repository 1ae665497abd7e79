# As Open vSwitch does: what is given away can be packaged.
EXTRA_DIST += \
	debian/changelog \
	debian/control \
	debian/copyright \
	debian/ovs-snat.bash-completion \
	debian/ovs-snat.default \
	debian/ovs-snat.docs \
	debian/ovs-snat.init \
	debian/ovs-snat.install \
	debian/ovs-snat.lintian-overrides \
	debian/ovs-snat.logrotate \
	debian/ovs-snat.ovs-snat-ovsdb.service \
	debian/ovs-snat.ovs-snatd-kernel.socket \
	debian/ovs-snat.ovs-snatd.service \
	debian/ovs-snat.postrm \
	debian/ovs-snat.prerm \
	debian/ovs-snat.service \
	debian/ovs-snat@.ovs-snatd-kernel.service \
	debian/rules \
	debian/source/format \
	debian/source/options \
	debian/tests/control \
	debian/tests/life
