# The OVS_SNAT database: schema, its checksum, the C code that reads it, its
# manual page.

pkgdata_DATA += ovsdb-schema/ovs-snat.ovsschema
EXTRA_DIST += \
	ovsdb-schema/cksum-check \
	ovsdb-schema/ovs-snat.ovsschema \
	ovsdb-schema/ovs-snat.xml \
	ovsdb-schema/snat-idl.ann \
	ovsdb-schema/tidy.awk

# ovsdb-idlc marks the schema up first and makes C of that.
snat_idl = ovsdb-schema/snat-idl.ovsidl
snat_idl_files = ovsdb-schema/snat-idl.c ovsdb-schema/snat-idl.h
BUILT_SOURCES += $(snat_idl_files)
CLEANFILES += $(snat_idl) $(snat_idl_files)

$(snat_idl): ovsdb-schema/ovs-snat.ovsschema ovsdb-schema/snat-idl.ann
	$(AM_V_at)$(MKDIR_P) ovsdb-schema
	$(AM_V_GEN)$(OVSDB_IDLC) annotate \
		$(srcdir)/ovsdb-schema/ovs-snat.ovsschema \
		$(srcdir)/ovsdb-schema/snat-idl.ann > $@.tmp && mv $@.tmp $@
ovsdb-schema/snat-idl.c: $(snat_idl)
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-source $(snat_idl) > $@.tmp && \
	mv $@.tmp $@
ovsdb-schema/snat-idl.h: $(snat_idl)
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-header $(snat_idl) > $@.tmp && \
	mv $@.tmp $@

man_MANS += ovsdb-schema/ovs-snat.5
CLEANFILES += ovsdb-schema/ovs-snat.5
ovsdb-schema/ovs-snat.5: \
	ovsdb-schema/ovs-snat.ovsschema ovsdb-schema/ovs-snat.xml \
	ovsdb-schema/tidy.awk
	$(AM_V_at)$(MKDIR_P) ovsdb-schema
	$(AM_V_GEN)PYTHONPATH=$(OVS_SRCDIR)/python \
	PYTHONDONTWRITEBYTECODE=yes $(PYTHON3) $(OVS_SRCDIR)/ovsdb/ovsdb-doc \
		--version=$(PACKAGE_VERSION) \
		$(srcdir)/ovsdb-schema/ovs-snat.ovsschema \
		$(srcdir)/ovsdb-schema/ovs-snat.xml > $@.doc && \
	$(AWK) -f $(srcdir)/ovsdb-schema/tidy.awk $@.doc > $@.tmp && \
	rm $@.doc && mv $@.tmp $@
