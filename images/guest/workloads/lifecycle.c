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
#include "km_cgroup.h"
#include "km_file.h"
#include "km_netlink.h"
#include "km_process.h"
#include "km_storage.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define BASE "/run/km-lifecycle"
#define HOST_KEY 0x6b6d6b6d /* a SysV segment of the host, which no container may see */
#define ECHO_PORT 7777
#define ECHO_BYTES 8192

static struct km_cgroup cgroups[KM_CGROUPS_MAX];
static int cgroup_count;

struct container {
    char name[24], root[96], host_link[16], inner_link[16];
    const char *storage;
    int to_host[2], to_container[2]; /* one byte a step, each way */
    pid_t pid;
    uint32_t address; /* of the host's end; the container's is the next one */
};

static int breaks(const char *step) {
    return km_is("break", step);
}

static void must(int result, const char *what) {
    if (result < 0)
        km_fail("%s: %s", what, strerror(result == -1 ? errno : -result));
}

/* ---- inside ---- */

static void inside_say(struct container *container, char step) {
    must(km_write_all(container->to_host[1], &step, 1), "container: telling the host");
}

static void inside_await(struct container *container) {
    char step;
    must(km_read_all(container->to_container[0], &step, 1), "container: waiting for the host");
}

static void inside_check_namespaces(const struct container *container) {
    struct utsname system;
    if (getpid() != 1)
        km_fail("pid in the container is %d, not 1", (int)getpid());
    must(uname(&system), "uname");
    if (strcmp(system.nodename, container->name))
        km_fail("hostname in the container is %s, not %s", system.nodename, container->name);
    if (shmget(HOST_KEY, 0, 0) >= 0 || errno != ENOENT)
        km_fail("the host's shared memory segment is visible in the container");
    if (km_link_index(container->host_link))
        km_fail("the host's %s is visible in the container", container->host_link);
}

static void inside_mount_root(const struct container *container) {
    const char *wrong;
    /* systems with shared mounts exist; without a mount namespace this would be the host's business */
    if (!breaks("mount") && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        km_fail("make mounts private: %s", strerror(errno));
    must(km_storage_prepare(container->root), "prepare the container's root");
    must(km_storage_mount(container->storage, container->root), container->storage);
    if (strcmp(container->storage, "plain") && (wrong = km_union_wrong(container->root)))
        km_fail("%s: %s", container->storage, wrong);
}

static void inside_pivot(const struct container *container) {
    char root[128];
    snprintf(root, sizeof root, "%s/root", container->root);
    must(chdir(root), "chdir to the container's root");
    must(km_folder("old"), "mkdir old");
    must(km_folder("proc"), "mkdir proc");
    must(km_folder("work"), "mkdir work");
    if (!breaks("pivot")) {
        must((int)syscall(SYS_pivot_root, ".", "old"), "pivot_root");
        must(chdir("/"), "chdir /");
        must(umount2("/old", MNT_DETACH), "umount the old root");
        must(rmdir("/old"), "rmdir old");
    }
    if (km_exists("/workloads") || km_exists("/old"))
        km_fail("the old root is reachable in the container");
    must(mount("proc", "/proc", "proc", 0, NULL), "mount proc");
    char self[16] = "";
    if (readlink("/proc/self", self, sizeof self - 1) < 0 || strcmp(self, "1"))
        km_fail("/proc/self in the container is %s, not 1", self);
    if (km_mounted_at(BASE))
        km_fail("the container's mount table still has the host's mounts");
}

static void inside_network(const struct container *container) {
    if (!km_link_index(container->inner_link))
        km_fail("%s did not arrive in the container", container->inner_link);
    must(km_link_up("lo"), "lo up");
    must(km_link_rename(container->inner_link, "eth0"), "rename to eth0");
    must(km_address_add("eth0", container->address + 1, 24), "address of eth0");
    must(km_link_up("eth0"), "eth0 up");
}

static void patient(int fd) {
    struct timeval patience = {60, 0};
    must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), "SO_RCVTIMEO");
    must(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), "SO_SNDTIMEO");
}

static void inside_echo(struct container *container) {
    static char bytes[ECHO_BYTES];
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(ECHO_PORT)};
    int server = socket(AF_INET, SOCK_STREAM, 0);
    must(server, "container: socket");
    patient(server);
    must(bind(server, (struct sockaddr *)&here, sizeof here), "container: bind");
    must(listen(server, 1), "container: listen");
    inside_say(container, 'n');
    int peer = accept(server, NULL, NULL);
    must(peer, "container: accept");
    patient(peer);
    must(km_read_all(peer, bytes, sizeof bytes), "container: receive");
    must(km_write_all(peer, bytes, sizeof bytes), "container: send back");
    close(peer);
    close(server);
}

static void inside_files(void) {
    static uint32_t wrote[1024], found[1024];
    char path[32];
    for (int file = 0; file < 8; file++) {
        snprintf(path, sizeof path, "/work/file%d", file);
        for (unsigned i = 0; i < 1024; i++)
            wrote[i] = km_random();
        FILE *out = fopen(path, "w+");
        if (!out || fwrite(wrote, sizeof wrote, 1, out) != 1 || fseek(out, 0, SEEK_SET) < 0 ||
            fread(found, sizeof found, 1, out) != 1 || fclose(out) != 0)
            km_fail("%s: %s", path, strerror(errno));
        if (memcmp(wrote, found, sizeof wrote))
            km_fail("%s does not hold what was written", path);
        if (file % 2)
            must(unlink(path), "unlink");
    }
}

static void inside_children(void) {
    for (int child = 0; child < 4; child++) {
        int fds[2], number = 0, sent = (int)km_random();
        must(pipe(fds), "container: pipe");
        pid_t pid = fork();
        must(pid, "container: fork");
        if (pid == 0)
            _exit(km_write_all(fds[1], &sent, sizeof sent) < 0);
        close(fds[1]);
        must(km_read_all(fds[0], &number, sizeof number), "container: read from a child");
        close(fds[0]);
        km_end_as(km_wait(pid), "a process in the container");
        if (number != sent)
            km_fail("a pipe in the container changed what went through it");
    }
}

__attribute__((noreturn)) static void inside(struct container *container) {
    close(container->to_host[0]);
    close(container->to_container[1]);
    inside_await(container);
    must(sethostname(container->name, strlen(container->name)), "sethostname");
    inside_mount_root(container);
    inside_say(container, 'm');
    inside_await(container);
    inside_check_namespaces(container);
    inside_pivot(container);
    inside_network(container);
    inside_echo(container);
    inside_files();
    inside_children();
    inside_say(container, 'd');
    inside_await(container);
    _exit(0);
}

/* ---- outside ---- */

/* Where the container ended instead of answering, the workload ends as it did. */
static void await(struct container *container, char step) {
    char got = 0;
    if (km_read_all(container->to_host[0], &got, 1) < 0) {
        km_end_as(km_wait(container->pid), "the container");
        km_fail("the container ended before step %c", step);
    }
    if (got != step)
        km_fail("the container is at step %c, not %c", got, step);
}

static void proceed(struct container *container) {
    must(km_write_all(container->to_container[1], "g", 1), "telling the container");
}

static void clone_container(struct container *container) {
    unsigned long flags = (breaks("pid") ? 0 : CLONE_NEWPID) | (breaks("mount") ? 0 : CLONE_NEWNS) |
                          (breaks("uts") ? 0 : CLONE_NEWUTS) | (breaks("ipc") ? 0 : CLONE_NEWIPC) |
                          (breaks("net") ? 0 : CLONE_NEWNET);
    must(pipe(container->to_host), "pipe");
    must(pipe(container->to_container), "pipe");
    container->pid = km_clone(flags);
    must(container->pid, "clone with namespaces");
    if (container->pid == 0)
        inside(container);
    close(container->to_host[1]);
    close(container->to_container[0]);
}

static void limit(const struct km_cgroup *hierarchy, const char *name) {
    static const char *const limits[][3] = {{"memory", "memory.limit_in_bytes", "67108864"},
                                            {"cpu", "cpu.shares", "512"},
                                            {"pids", "pids.max", "64"}};
    for (unsigned i = 0; i < sizeof limits / sizeof *limits; i++)
        if (km_cgroup_has(hierarchy, limits[i][0]))
            must(km_cgroup_set(hierarchy, name, limits[i][1], limits[i][2]), limits[i][1]);
}

static void join_cgroups(const struct container *container) {
    for (int i = 0; i < cgroup_count; i++) {
        must(km_cgroup_make(&cgroups[i], container->name), cgroups[i].mount);
        limit(&cgroups[i], container->name);
        if (!breaks("cgroup"))
            must(km_cgroup_add(&cgroups[i], container->name, container->pid), cgroups[i].mount);
        if (!km_cgroup_contains(&cgroups[i], container->name, container->pid))
            km_fail("the group in %s does not contain the container", cgroups[i].mount);
    }
}

static void connect_veth(const struct container *container) {
    int result = km_link_create_veth(container->host_link, container->inner_link);
    if (result == -EOPNOTSUPP)
        km_unsupported("veth: %s", strerror(-result));
    must(result, "create a veth pair");
    if (!breaks("veth"))
        must(km_link_to_pid(container->inner_link, container->pid), "move veth into the container");
    must(km_address_add(container->host_link, container->address, 24), "address of veth");
    must(km_link_up(container->host_link), "veth up");
}

static void exchange(const struct container *container) {
    static uint32_t sent[ECHO_BYTES / 4], back[ECHO_BYTES / 4];
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(ECHO_PORT)};
    there.sin_addr.s_addr = htonl(container->address + 1);
    for (unsigned i = 0; i < ECHO_BYTES / 4; i++)
        sent[i] = km_random();
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(fd, "socket");
    patient(fd);
    must(connect(fd, (struct sockaddr *)&there, sizeof there), "connect to the container");
    must(km_write_all(fd, sent, sizeof sent), "send to the container");
    must(km_read_all(fd, back, sizeof back), "receive from the container");
    close(fd);
    if (memcmp(sent, back, sizeof sent))
        km_fail("the container sent back other bytes than it got");
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

static void check_host(const struct container *container, const char *hostname) {
    struct utsname system;
    char root[128];
    must(uname(&system), "uname");
    if (strcmp(system.nodename, hostname))
        km_fail("the host's name became %s", system.nodename);
    snprintf(root, sizeof root, "%s/root", container->root);
    if (km_mounted_at(root))
        km_fail("the container's root is in the host's mount table");
}

static void tear_down(struct container *container) {
    proceed(container);
    km_end_as(km_wait(container->pid), "the container");
    close(container->to_host[0]);
    close(container->to_container[1]);
    double start = km_now();
    if (!km_wait_until(link_is_gone, container->host_link, 120))
        km_fail("%s is still on the host 120 s after its container's end", container->host_link);
    km_sample("veth-gone-seconds", km_now() - start);
    for (int i = 0; i < cgroup_count; i++)
        must(km_cgroup_remove(&cgroups[i], container->name), "remove the container's group");
    must(km_remove(container->root), "remove the container's files");
}

static void run_container(unsigned long long number, const char *hostname) {
    struct container container = {.storage = km_text("storage", "plain")};
    int mounts = km_mount_count();
    /* the workload's pid in each name, so that what a failed one left is never taken for ours */
    snprintf(container.name, sizeof container.name, "km%dn%llu", (int)getpid(), number % 10000);
    snprintf(container.root, sizeof container.root, BASE "/%s", container.name);
    snprintf(container.host_link, sizeof container.host_link, "h%.14s", container.name);
    snprintf(container.inner_link, sizeof container.inner_link, "c%.14s", container.name);
    container.address = 0x0a000001u | (64 + (uint32_t)getpid() % 64) << 16 | (uint32_t)(number % 250) << 8;
    clone_container(&container);
    join_cgroups(&container);
    connect_veth(&container);
    proceed(&container);
    await(&container, 'm');
    check_host(&container, hostname);
    proceed(&container);
    await(&container, 'n');
    exchange(&container);
    await(&container, 'd');
    check_host(&container, hostname);
    tear_down(&container);
    if (km_mount_count() != mounts)
        km_fail("%d mounts before the container, %d after", mounts, km_mount_count());
    if (!folder_is_empty(BASE))
        km_fail("the container left files behind");
    if (km_zombies())
        km_fail("the container left a zombie behind");
}

static void require(void) {
    static const struct {
        unsigned long flag;
        const char *name;
    } needs[] = {{CLONE_NEWPID, "PID_NS"},
                 {CLONE_NEWNS, "mount namespaces"},
                 {CLONE_NEWUTS, "UTS_NS"},
                 {CLONE_NEWIPC, "IPC_NS"},
                 {CLONE_NEWNET, "NET_NS"}};
    const char *storage = km_text("storage", "plain");
    for (unsigned i = 0; i < sizeof needs / sizeof *needs; i++) {
        pid_t pid = km_clone(needs[i].flag);
        if (pid == 0)
            _exit(0);
        if (pid < 0)
            km_unsupported("%s: clone: %s", needs[i].name, strerror(errno));
        km_end_as(km_wait(pid), needs[i].name);
    }
    if (!km_storage_filesystem(storage))
        km_unsupported("storage driver %s: not in /proc/filesystems", storage);
    if ((cgroup_count = km_cgroups(cgroups)) == 0)
        km_unsupported("cgroups: no hierarchy is mounted");
    if (shmget(HOST_KEY, 4096, IPC_CREAT | 0600) < 0)
        km_unsupported("SysV shared memory: %s", strerror(errno));
}

int main(int argc, char **argv) {
    struct utsname before;
    km_args(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    must(uname(&before), "uname");
    must(km_folder(BASE), "mkdir " BASE);
    must(mount("km-lifecycle", BASE, "tmpfs", 0, "size=64m"), "mount " BASE);
    require();
    while (km_continue()) {
        run_container(km_iterations(), before.nodename);
        km_iteration_done();
    }
    must(umount(BASE), "umount " BASE);
    return 0;
}
