/*
 * A whole container per iteration: namespaces (copy_pid_ns, copy_mnt_ns, copy_utsname, copy_ipcs,
 * copy_net_ns), a veth pair with TCP over it, a root per storage driver, pivot_root, cgroups, work inside,
 * and the end of all that (zap_pid_ns_processes, umount_tree, cleanup_net, cgroup_rmdir). Each step is
 * checked from inside and from outside.
 *
 * storage=plain|overlay|aufs; break=pid|uts|ipc|mount|net|pivot|cgroup|veth leaves one step out, to show that
 * the checks notice.
 */
#include "km.h"
#include "km_container.h"
#include "km_echo.h"
#include "km_file.h"
#include "km_groups.h"
#include "km_namespaces.h"
#include "km_netlink.h"
#include "km_process.h"
#include "km_storage.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the container ended instead of answering, the workload ends as it did. */
static void await(struct km_container *container, char step) {
    char got = 0;
    if (km_read_all(container->to_host[0], &got, 1) < 0) {
        km_end_as(km_wait(container->pid), "the container");
        km_fail("the container ended before step %c", step);
    }
    if (got != step)
        km_fail("the container is at step %c, not %c", got, step);
}

static void proceed(struct km_container *container) {
    km_must(km_write_all(container->to_container[1], "g", 1), "telling the container");
}

static void clone_container(struct km_container *container) {
    km_must(pipe(container->to_host), "pipe");
    km_must(pipe(container->to_container), "pipe");
    container->pid = km_clone(km_container_flags());
    /* one kind after another to name the one that lacks: time that only a failure is worth */
    if (container->pid < 0)
        km_namespaces_require(KM_NAMESPACES_ALL);
    km_must(container->pid, "clone with namespaces");
    if (container->pid == 0)
        km_container_inside(container);
    close(container->to_host[1]);
    close(container->to_container[0]);
}

static void join_cgroups(const struct km_container *container) {
    static const struct km_limit limits[] = {{"memory", "memory.limit_in_bytes", "67108864"},
                                             {"cpu", "cpu.shares", "512"},
                                             {"pids", "pids.max", "64"},
                                             {0}};
    km_groups_make(container->name, limits);
    if (!km_breaks("cgroup"))
        km_groups_add(container->name, container->pid);
    km_groups_check(container->name, container->pid);
}

static void connect_veth(const struct km_container *container) {
    int result = km_link_create_veth(container->host_link, container->inner_link);
    if (result == -EOPNOTSUPP)
        km_unsupported("veth: %s", strerror(-result));
    km_must(result, "create a veth pair");
    if (!km_breaks("veth"))
        km_must(km_link_to_pid(container->inner_link, container->pid), "move veth into the container");
    km_must(km_address_add(container->host_link, container->address, 24), "address of veth");
    km_must(km_link_up(container->host_link), "veth up");
}

static int link_is_gone(void *name) {
    return !km_link_index(name);
}

static int folder_is_empty(const char *path) {
    struct dirent *entry;
    int count = 0;
    DIR *folder = opendir(path);
    while (folder && (entry = readdir(folder)))
        count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    if (folder)
        closedir(folder);
    return folder && count == 0;
}

static void tear_down(struct km_container *container) {
    proceed(container);
    km_end_as(km_wait(container->pid), "the container");
    close(container->to_host[0]);
    close(container->to_container[1]);
    double start = km_now();
    if (!km_wait_until(link_is_gone, container->host_link, 120))
        km_fail("%s is still on the host 120 s after its container's end", container->host_link);
    km_sample("veth-gone-seconds", km_now() - start);
    km_groups_remove(container->name);
    km_must(km_remove(container->root), "remove the container's files");
}

static void run_container(unsigned long long number, const char *hostname) {
    struct km_container container = {.storage = km_text("storage", "plain")};
    int mounts = km_mount_count();
    /* the workload's pid in each name, so that what a failed one left is never taken for ours */
    snprintf(container.name, sizeof container.name, "km%dn%llu", (int)getpid(), number % 10000);
    snprintf(container.root, sizeof container.root, KM_CONTAINERS "/%s", container.name);
    snprintf(container.host_link, sizeof container.host_link, "h%.14s", container.name);
    snprintf(container.inner_link, sizeof container.inner_link, "c%.14s", container.name);
    container.address = 0x0a000001u | (64 + (uint32_t)getpid() % 64) << 16 | (uint32_t)(number % 250) << 8;
    clone_container(&container);
    join_cgroups(&container);
    connect_veth(&container);
    proceed(&container);
    await(&container, 'm');
    km_container_check_host(&container, hostname);
    proceed(&container);
    await(&container, 'n');
    km_link_await_operating(container.host_link);
    km_echo_exchange(container.address + 1);
    await(&container, 'd');
    km_container_check_host(&container, hostname);
    tear_down(&container);
    if (km_mount_count() != mounts)
        km_fail("%d mounts before the container, %d after", mounts, km_mount_count());
    if (!folder_is_empty(KM_CONTAINERS))
        km_fail("the container left files behind");
    if (km_zombies())
        km_fail("the container left a zombie behind");
}

static void require(void) {
    km_storage_require(km_text("storage", "plain"));
    km_groups_require();
    if (shmget(KM_HOST_KEY, 4096, IPC_CREAT | 0600) < 0)
        km_unsupported("SysV shared memory: %s", strerror(errno));
}

int main(int argc, char **argv) {
    struct utsname before;
    km_args(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    km_must(uname(&before), "uname");
    km_must(km_folder(KM_CONTAINERS), "mkdir " KM_CONTAINERS);
    km_must(mount("km-lifecycle", KM_CONTAINERS, "tmpfs", 0, "size=64m"), "mount " KM_CONTAINERS);
    require();
    while (km_continue()) {
        run_container(km_iterations(), before.nodename);
        km_iteration_done();
    }
    km_must(umount(KM_CONTAINERS), "umount " KM_CONTAINERS);
    return 0;
}
