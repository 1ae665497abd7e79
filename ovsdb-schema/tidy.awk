# What ovsdb-doc writes, as a manual page is to be: headings that end, units
# that troff has, no paragraph that is empty or first under its heading, and
# our own names in its margins.  Nothing of what one reads is changed.
/^\.TH / {
    sub(/"Open vSwitch Manual"/, "\"ovs-snat Manual\"")
    sub(/"Open vSwitch /, "\"ovs-snat ")
    sub(/"ovs-snat" 5/, "OVS\\-SNAT 5")
}
/^\.SS "[^"]*$/ { $0 = $0 "\"" }
/^\. *(IP|TQ|RS) .*[0-9]in$/ { sub(/in$/, "i") }
# Either macro of its own begins with such a paragraph.
heading && /^\.TQ / { sub(/TQ/, "TP") }
heading && /^\.ST / {
    sub(/^\.ST/, ".RS -0.15i\n.I")
    $0 = $0 "\n.RE"
}
/^\.(PP|br)$/ {
    if (!held && !heading)
        held = $0
    next
}
{
    # A break before what breaks by itself is none.
    if (held && !/^\.(SH|SS|IP|TP|ST|PP|RS)/)
        print held
    held = ""
    heading = /^\.(SH|SS) /
    print
}
