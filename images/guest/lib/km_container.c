#include "km_container.h"

#include "km.h"
#include "km_echo.h"
#include "km_file.h"
#include "km_netlink.h"
#include "km_process.h"
#include "km_storage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/utsname.h>
#include <unistd.h>

int km_breaks(const char *step) {
    return km_is("break", step);
}

unsigned long km_container_flags(void) {
    return (km_breaks("pid") ? 0 : CLONE_NEWPID) | (km_breaks("mount") ? 0 : CLONE_NEWNS) |
           (km_breaks("uts") ? 0 : CLONE_NEWUTS) | (km_breaks("ipc") ? 0 : CLONE_NEWIPC) |
           (km_breaks("net") ? 0 : CLONE_NEWNET);
}

static void inside_say(struct km_container *container, char step) {
    km_must(km_write_all(container->to_host[1], &step, 1), "container: telling the host");
}

static void inside_await(struct km_container *container) {
    char step;
    km_must(km_read_all(container->to_container[0], &step, 1), "container: waiting for the host");
}

static void say_listening(void *container) {
    inside_say(container, 'n');
}

void km_container_check_namespaces(const struct km_container *container) {
    struct utsname system;
    if (getpid() != 1)
        km_fail("pid in the container is %d, not 1", (int)getpid());
    km_must(uname(&system), "uname");
    if (strcmp(system.nodename, container->name))
        km_fail("hostname in the container is %s, not %s", system.nodename, container->name);
    if (shmget(KM_HOST_KEY, 0, 0) >= 0 || errno != ENOENT)
        km_fail("the host's shared memory segment is visible in the container");
    if (km_link_index(container->host_link))
        km_fail("the host's %s is visible in the container", container->host_link);
}

void km_container_mount_root(const struct km_container *container) {
    const char *wrong;
    /* systems with shared mounts exist; without a mount namespace this would be the host's business */
    if (!km_breaks("mount") && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        km_fail("make mounts private: %s", strerror(errno));
    km_must(km_storage_prepare(container->root), "prepare the container's root");
    km_must(km_storage_mount(container->storage, container->root), container->storage);
    if (strcmp(container->storage, "plain") && (wrong = km_union_wrong(container->root)))
        km_fail("%s: %s", container->storage, wrong);
}

void km_container_pivot(const struct km_container *container) {
    char root[128];
    snprintf(root, sizeof root, "%s/root", container->root);
    km_must(chdir(root), "chdir to the container's root");
    km_must(km_folder("old"), "mkdir old");
    km_must(km_folder("proc"), "mkdir proc");
    km_must(km_folder("data"), "mkdir data");
    if (!km_breaks("pivot")) {
        km_must((int)syscall(SYS_pivot_root, ".", "old"), "pivot_root");
        km_must(chdir("/"), "chdir /");
        km_must(umount2("/old", MNT_DETACH), "umount the old root");
        km_must(rmdir("/old"), "rmdir old");
    }
    if (km_exists("/workloads") || km_exists("/old"))
        km_fail("the old root is reachable in the container");
    km_must(mount("proc", "/proc", "proc", 0, NULL), "mount proc");
    char self[16] = "";
    if (readlink("/proc/self", self, sizeof self - 1) < 0 || strcmp(self, "1"))
        km_fail("/proc/self in the container is %s, not 1", self);
    if (km_mounted_at(KM_CONTAINERS))
        km_fail("the container's mount table still has the host's mounts");
}

void km_container_check_host(const struct km_container *container, const char *hostname) {
    struct utsname system;
    char root[128];
    km_must(uname(&system), "uname");
    if (strcmp(system.nodename, hostname))
        km_fail("the host's name became %s", system.nodename);
    snprintf(root, sizeof root, "%s/root", container->root);
    if (km_mounted_at(root))
        km_fail("the container's root is in the host's mount table");
}

static void inside_network(const struct km_container *container) {
    if (!km_link_index(container->inner_link))
        km_fail("%s did not arrive in the container", container->inner_link);
    km_must(km_link_up("lo"), "lo up");
    km_must(km_link_rename(container->inner_link, "eth0"), "rename to eth0");
    km_must(km_address_add("eth0", container->address + 1, 24), "address of eth0");
    /* the second end of the pair to come up sends at once (dev_open); its operstate follows up to 1 s later
     * (linkwatch) */
    km_must(km_link_up("eth0"), "eth0 up");
}

static void inside_files(void) {
    static uint32_t wrote[1024], found[1024];
    char path[32];
    for (int file = 0; file < 8; file++) {
        snprintf(path, sizeof path, "/data/file%d", file);
        for (unsigned i = 0; i < 1024; i++)
            wrote[i] = km_random();
        FILE *out = fopen(path, "w+");
        if (!out || fwrite(wrote, sizeof wrote, 1, out) != 1 || fseek(out, 0, SEEK_SET) < 0 ||
            fread(found, sizeof found, 1, out) != 1 || fclose(out) != 0)
            km_fail("%s: %s", path, strerror(errno));
        if (memcmp(wrote, found, sizeof wrote))
            km_fail("%s does not hold what was written", path);
        if (file % 2)
            km_must(unlink(path), "unlink");
    }
}

static void inside_children(void) {
    for (int child = 0; child < 4; child++) {
        int fds[2], number = 0, sent = (int)km_random();
        km_must(pipe(fds), "container: pipe");
        pid_t pid = fork();
        km_must(pid, "container: fork");
        if (pid == 0)
            _exit(km_write_all(fds[1], &sent, sizeof sent) < 0);
        close(fds[1]);
        km_must(km_read_all(fds[0], &number, sizeof number), "container: read from a child");
        close(fds[0]);
        km_end_as(km_wait(pid), "a process in the container");
        if (number != sent)
            km_fail("a pipe in the container changed what went through it");
    }
}

void km_container_inside(struct km_container *container) {
    close(container->to_host[0]);
    close(container->to_container[1]);
    inside_await(container);
    km_must(sethostname(container->name, strlen(container->name)), "sethostname");
    km_container_mount_root(container);
    inside_say(container, 'm');
    inside_await(container);
    km_container_check_namespaces(container);
    km_container_pivot(container);
    inside_network(container);
    km_echo_serve(say_listening, container);
    inside_files();
    inside_children();
    inside_say(container, 'd');
    inside_await(container);
    _exit(0);
}
