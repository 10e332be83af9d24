#include "km.h"
#include "km_netlink.h"
#include "km_probes.h"
#include "km_process.h"

#include <errno.h>
#include <string.h>

/* Made, seen and removed again. */
static void probe(const char *fact, int result, const char *name) {
    unsigned index = km_link_index(name);
    if (result == 0 && index && km_link_delete(name) == 0 && !km_link_index(name))
        km_fact(fact, 1, "%s was made and removed", name);
    else
        km_fact(fact, 0, "%s: %s", name, result ? strerror(-result) : "made, but not seen, or not removed");
}

void km_probe_links(void) {
    if (unshare(CLONE_NEWNET) < 0)
        km_note("links are probed in the machine's own network namespace: %s", strerror(errno));
    probe("link.veth", km_link_create_veth("kmfv0", "kmfv1"), "kmfv0");
    probe("link.bridge", km_link_create("bridge", "kmfb0"), "kmfb0");
    int lower = km_link_create_veth("kmfv0", "kmfv1");
    if (lower < 0)
        km_fact("link.macvlan", 0, "no link to put it on: %s", strerror(-lower));
    else
        probe("link.macvlan", km_link_create_macvlan("kmfm0", km_link_index("kmfv0")), "kmfm0");
}
