#include "km.h"
#include "km_module.h"
#include "km_netlink.h"
#include "km_probes.h"
#include "km_process.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ADD_BRIDGE = 0x89a0, DELETE_BRIDGE = 0x89a1 }; /* linux/sockios.h */

/* The way of brctl, and the only one where rtnetlink makes no bridges yet (measured: 2.6.32). */
static int bridge_ioctl(int request, const char *name) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int result = ioctl(fd, request, name) < 0 ? -errno : 0;
    close(fd);
    return result;
}

static int create_bridge(const char *name) {
    int result = km_link_create("bridge", name);
    return result == -EOPNOTSUPP ? bridge_ioctl(ADD_BRIDGE, name) : result;
}

static int delete_link(const char *name) {
    int result = km_link_delete(name);
    return result == -EOPNOTSUPP ? bridge_ioctl(DELETE_BRIDGE, name) : result;
}

/* Made, seen and removed again. */
static void probe(const char *fact, const struct km_module *module, int result, const char *name) {
    unsigned index = km_link_index(name);
    if (result == 0 && index && delete_link(name) == 0 && !km_link_index(name))
        km_part(fact, 1, module, "%s was made and removed", name);
    else
        km_part(fact, result ? km_answer(-result) : 0, module, "%s: %s", name,
                result ? strerror(-result) : "made, but not seen, or not removed");
}

void km_probe_links(void) {
    /* in the machine's own namespace: in another, 2.6.32 runs into BUG at fs/sysfs/group.c:65 with rtnl held
     */
    struct km_module module = km_module("bridge");
    probe("link.bridge", &module, create_bridge("kmfb0"), "kmfb0");
    if (unshare(CLONE_NEWNET) < 0)
        km_note("links are probed in the machine's own network namespace: %s", strerror(errno));
    module = km_module("veth");
    probe("link.veth", &module, km_link_create_veth("kmfv0", "kmfv1"), "kmfv0");
    module = km_module("macvlan");
    int lower = km_link_create_veth("kmfv0", "kmfv1");
    if (lower < 0)
        km_part("link.macvlan", -1, &module, "no link to put it on: %s", strerror(-lower));
    else
        probe("link.macvlan", &module, km_link_create_macvlan("kmfm0", km_link_index("kmfv0")), "kmfm0");
}
