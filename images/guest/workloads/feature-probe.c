/*
 * What this kernel has of what containers and checkpoint/restore need, as facts. Nothing is taken from a
 * version number or a configuration: each feature is used, and its effect looked for; what would need a disk
 * with something on it is looked up in the kernel's own lists, and its evidence says so. It provokes nothing;
 * a feature whose probe hangs or dies is not probed, and its evidence says why.
 */
#include "km.h"
#include "km_file.h"
#include "km_probes.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

static void tell_system(void) {
    char line[512];
    struct utsname system;
    if (uname(&system) < 0 || km_read("/proc/cmdline", line, sizeof line) < 0)
        km_fail("uname, /proc/cmdline: %s", strerror(errno));
    line[strcspn(line, "\n")] = 0;
    km_fact_text("kernel.release", system.release, "uname: %s", system.version);
    km_fact_text("kernel.cmdline", line, "/proc/cmdline");
    km_fact_number("kernel.memory", (double)km_meminfo("MemTotal"), "KiB, /proc/meminfo");
}

int main(int argc, char **argv) {
    km_args(argc, argv);
    do {
        tell_system();
        km_guarded("probe.namespaces", km_probe_namespaces);
        km_guarded("probe.cgroups", km_probe_cgroups);
        km_guarded("cgroup.memory.enforced", km_probe_memory_limits);
        km_guarded("probe.filesystems", km_probe_filesystems);
        km_guarded("filesystem.btrfs", km_probe_btrfs);
        km_guarded("storage.loop", km_probe_loop);
        km_guarded("storage.devicemapper", km_probe_mapper);
        km_guarded("storage.dm-thin", km_probe_thin);
        km_guarded("netfilter.nftables", km_probe_netfilter);
        km_guarded("probe.links", km_probe_links);
        km_guarded("probe.seccomp", km_probe_seccomp);
        km_probe_criu();
        km_iteration_done();
    } while (km_continue());
    return 0;
}
