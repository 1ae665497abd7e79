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
	Documentation/schema/change-list.schema.json \
	Documentation/schema/change-show.schema.json \
	Documentation/schema/limits-show.schema.json \
	Documentation/schema/nat-stats.schema.json \
	Documentation/schema/nat-trace.schema.json \
	Documentation/schema/nat-who.schema.json \
	Documentation/schema/orphan-list.schema.json \
	Documentation/schema/router-list.schema.json \
	Documentation/schema/router-plan.schema.json \
	Documentation/schema/router-show.schema.json \
	Documentation/schema/router.schema.json \
	Documentation/schema/steps.schema.json \
	Documentation/security.md \
	Documentation/troubleshooting.md \
	Documentation/tutorial.md
man_MANS += Documentation/ovs-snat.7
monitoringdir = $(docdir)/Documentation/monitoring
dist_monitoring_DATA = \
	Documentation/monitoring/alerts.yaml \
	Documentation/monitoring/dashboard.json
