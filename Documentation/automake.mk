# The longer texts; README.md and ARCHITECTURE.md are at the top.
EXTRA_DIST += \
	Documentation/demo.svg \
	Documentation/index.md \
	Documentation/installation.md \
	Documentation/monitoring.md \
	Documentation/operations.md \
	Documentation/ovs-snat.7 \
	Documentation/parity.md \
	Documentation/performance.md \
	Documentation/routers.json \
	Documentation/security.md \
	Documentation/troubleshooting.md \
	Documentation/tutorial.md
man_MANS += Documentation/ovs-snat.7
monitoringdir = $(docdir)/Documentation/monitoring
dist_monitoring_DATA = \
	Documentation/monitoring/alerts.yaml \
	Documentation/monitoring/dashboard.json
