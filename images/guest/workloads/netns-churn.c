/*
 * LP#720095 (CVE-2011-2189): network namespaces made and dropped faster than they are cleaned up
 * (copy_net_ns, cleanup_net). 2.6.32 takes one namespace per work item, each with synchronize_rcu and
 * rcu_barrier; the dead pile up until memory ends. An iteration is one namespace, with lo and one end of a
 * veth pair up in it.
 *
 * rate=N namespaces a second over all holders (0: as fast as possible); holders=N processes that make them;
 * drain_seconds=S the longest wait for the backlog at the end. Samples: netns-backlog, mem-free-kib,
 * slab-kib; at the end netns-drain-seconds.
 *
 * The backlog is counted by links: each namespace has one end of a veth pair, and the other end is outside.
 * When cleanup_net takes the namespace, both ends go (default_device_exit; before 2.6.33 for one namespace at
 * a time), so an end that is still outside after its process was reaped is a namespace not yet cleaned up.
 * That holds on every line, where /proc/slabinfo doesn't: SLUB merges net_namespace with other caches of its
 * size.
 */
#include "km.h"
#include "km_file.h"
#include "km_netlink.h"
#include "km_process.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOLDERS_MAX 32
#define SAMPLE_SECONDS 0.5

struct holder {
    pid_t pid;
    int done; /* read end: one byte when its namespace is up and checked */
};

static char host_namespace[64];

/* Ends outside carry the workload's pid, so that what a failed one left is never counted as ours. */
static char outer_prefix[12];

/* Namespaces not yet cleaned up, all of whose processes were reaped. */
static long backlog(void) {
    char line[400], name[32];
    long count = 0;
    FILE *links = fopen("/proc/self/net/dev", "r");
    if (!links)
        km_fail("/proc/self/net/dev: %s", strerror(errno));
    while (fgets(line, sizeof line, links))
        count += sscanf(line, " %31[^: ]:", name) == 1 && !strncmp(name, outer_prefix, strlen(outer_prefix));
    fclose(links);
    return count;
}

static int backlog_is_gone(void *unused) {
    (void)unused;
    return backlog() == 0;
}

static void one_namespace(void) {
    pid_t pid = km_clone(CLONE_NEWNET);
    if (pid == 0)
        _exit(0);
    if (pid < 0)
        km_unsupported("NET_NS: clone: %s", strerror(errno));
    km_end_as(km_wait(pid), "a network namespace");
}

/* ---- in a new namespace ---- */

static void check_new(void) {
    char here[64] = "", devices[2048];
    /* its own lo: there, and down. The index tells nothing: it is counted per namespace only since 3.7 */
    if (!km_link_index("lo") || km_link_is_up("lo"))
        km_fail("lo of a new network namespace is %s", km_link_index("lo") ? "up" : "absent");
    if (readlink("/proc/self/ns/net", here, sizeof here - 1) > 0 && !strcmp(here, host_namespace))
        km_fail("a new network namespace is the host's: %s", here);
    if (km_read("/proc/self/net/dev", devices, sizeof devices) < 0)
        km_fail("/proc/self/net/dev: %s", strerror(errno));
    if (!strstr(devices, "lo:") || strstr(devices, "kmmark"))
        km_fail("/proc/self/net/dev of a new network namespace shows the host's links");
}

static void fill(unsigned long long number) {
    char outer[24];
    snprintf(outer, sizeof outer, "%s%llu", outer_prefix, number % 1000000);
    int result = km_link_up("lo");
    if (result == 0)
        result = km_link_create_veth("kma", outer);
    if (result == 0)
        result = km_link_to_pid(outer, getppid());
    if (result == 0)
        result = km_link_up("kma");
    if (result == -EOPNOTSUPP)
        km_unsupported("veth: %s", strerror(-result));
    if (result < 0)
        km_fail("links in a new network namespace: %s", strerror(-result));
}

static void hold(int done, unsigned long long number) {
    if (done < 0)
        km_fail("no pipe");
    check_new();
    fill(number);
    if (km_write_all(done, "d", 1) < 0)
        _exit(126);
    _exit(0);
}

/* ---- outside ---- */

static void start(struct holder *holder, unsigned long long number) {
    int fds[2];
    if (pipe(fds) < 0)
        km_fail("pipe: %s", strerror(errno));
    holder->pid = km_clone(CLONE_NEWNET);
    if (holder->pid < 0)
        km_fail("clone(CLONE_NEWNET): %s", strerror(errno));
    if (holder->pid == 0)
        hold(fds[1], number);
    close(fds[1]);
    holder->done = fds[0];
}

static void finish(struct holder *holder) {
    char byte = 0;
    int answered = km_read_all(holder->done, &byte, 1) == 0 && byte == 'd';
    close(holder->done);
    km_end_as(km_wait(holder->pid), "a process in a network namespace");
    if (!answered)
        km_fail("a network namespace ended without its checks");
    km_iteration_done();
}

static void sample(void) {
    static double last;
    double now = km_now();
    if (last && now - last < SAMPLE_SECONDS)
        return;
    last = now;
    km_sample("netns-backlog", (double)backlog());
    km_sample("netns-made", (double)km_iterations());
    km_sample("mem-free-kib", (double)km_meminfo("MemFree"));
    km_sample("slab-kib", (double)km_meminfo("Slab"));
}

/* Sleeps as long as the rate wants, counted from the start, so that a slow namespace doesn't lower it for
 * good. */
static void pace(double started, long rate) {
    if (rate == 0)
        return;
    double due = started + (double)km_iterations() / (double)rate, now = km_now();
    if (due > now)
        km_sleep_ms((long)((due - now) * 1000));
}

static void drain(void) {
    double start = km_now();
    long left = backlog();
    km_sample("netns-backlog-at-end", (double)left);
    if (!km_wait_until(backlog_is_gone, NULL, (double)km_number("drain_seconds", 120, 1, 3600)))
        km_note("%ld of %ld dead namespaces are still there", backlog(), left);
    km_sample("netns-drain-seconds", km_now() - start);
}

static void require(void) {
    one_namespace();
    if (km_link_up("lo") < 0 || !km_link_is_up("lo"))
        km_fail("the machine's own lo can't be brought up");
    int result = km_link_create_veth("kmmark", "kmmark2");
    if (result == -EOPNOTSUPP)
        km_unsupported("veth: %s", strerror(-result));
    if (result < 0 && result != -EEXIST)
        km_fail("create veth: %s", strerror(-result));
}

int main(int argc, char **argv) {
    static struct holder holders[HOLDERS_MAX];
    km_args(argc, argv);
    long count = km_number("holders", 1, 1, HOLDERS_MAX), rate = km_number("rate", 0, 0, 100000);
    if (readlink("/proc/self/ns/net", host_namespace, sizeof host_namespace - 1) < 0)
        host_namespace[0] = 0;
    snprintf(outer_prefix, sizeof outer_prefix, "ko%dn", (int)getpid());
    require();
    double started = km_now();
    while (km_continue()) {
        for (long i = 0; i < count; i++)
            start(&holders[i], km_iterations() + (unsigned long long)i);
        for (long i = 0; i < count; i++)
            finish(&holders[i]);
        sample();
        pace(started, rate);
    }
    km_sample("netns-per-second", (double)km_iterations() / (km_now() - started));
    drain();
    if (km_link_delete("kmmark") < 0)
        km_fail("the host's link is gone");
    return 0;
}
