"""What ovs-snat-bugtool(8) is made of: where to look (node), what for
(sources, namespaces, machine), how (command, collector), and what leaves the
node (redact, pseudonyms, rows, archive)."""
