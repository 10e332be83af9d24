#include "km_docker.h"

#include "km.h"
#include "km_container.h"
#include "km_file.h"
#include "km_netlink.h"
#include "km_process.h"
#include "km_runtime.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

#define OUTPUT_FD 9
#define INIT_PATH "/sbin/init"
#define HOPS_MAX 8

struct output {
    int pid, threads, exec_tid, children_ended;
    char hostname[24];
};

/* ---- the user's command: a few short processes, and its words ---- */

void km_docker_command(void) {
    struct output output = {getpid(), km_threads(), (int)km_number("tid", -1, 0, 1 << 22), 0, ""};
    struct utsname system;
    km_must(uname(&system), "uname");
    snprintf(output.hostname, sizeof output.hostname, "%.23s", system.nodename);
    output.children_ended = km_children(km_number("children", 2, 0, 1000));
    km_must(km_write_all(OUTPUT_FD, &output, sizeof output), "the command's output");
    _exit(0);
}

/* ---- docker-init: goes on in whichever thread, and execs the command from there ---- */

static void sysinit_step(void *hops_left) {
    static char tid[32], children[32];
    static char *argv[] = {INIT_PATH, "stage=command", tid, children, NULL};
    if ((*(long *)hops_left)-- > 0)
        return;
    snprintf(tid, sizeof tid, "tid=%d", (int)syscall(SYS_gettid));
    snprintf(children, sizeof children, "children=%s", km_text("children", "2"));
    execv(INIT_PATH, argv);
    km_fail("exec of the command: %s", strerror(errno));
}

void km_docker_sysinit(void) {
    long hops = 1 + (long)(km_random() % HOPS_MAX);
    km_must(km_link_up("lo"), "lo up");
    km_runtime_run(km_number("threads", 4, 1, KM_RUNTIME_THREADS_MAX), sysinit_step, &hops);
}

/* ---- lxc-start ---- */

/* As Docker put itself there: its own file, bound over the image's /sbin/init. */
static void bind_init(const struct km_container *container, const char *program) {
    char folder[128], file[160];
    snprintf(folder, sizeof folder, "%s/root/sbin", container->root);
    snprintf(file, sizeof file, "%s/init", folder);
    km_must(km_folder(folder), "mkdir sbin");
    km_must(km_write_new(file, ""), "sbin/init");
    km_must(mount(program, file, NULL, MS_BIND, NULL), "bind sbin/init");
}

__attribute__((noreturn)) static void become_init(const struct km_container *container, const char *program) {
    char threads[32], children[32], seed[32];
    char *argv[] = {INIT_PATH, "stage=sysinit", threads, children, seed, NULL};
    snprintf(threads, sizeof threads, "threads=%s", km_text("threads", "4"));
    snprintf(children, sizeof children, "children=%s", km_text("children", "2"));
    snprintf(seed, sizeof seed, "seed=%u", (unsigned)km_random());
    km_must(sethostname(container->name, strlen(container->name)), "sethostname");
    km_container_mount_root(container);
    bind_init(container, program);
    km_container_check_namespaces(container);
    km_container_pivot(container);
    execv(INIT_PATH, argv);
    km_fail("exec of " INIT_PATH ": %s", strerror(errno));
}

static void check_output(const struct km_container *container, const struct output *output) {
    long children = km_number("children", 2, 0, 1000);
    if (output->pid != 1)
        km_fail("the container's command has pid %d, not 1", output->pid);
    if (output->threads != 1)
        km_fail("the container's command has %d threads after its exec", output->threads);
    if (strcmp(output->hostname, container->name))
        km_fail("hostname in the container is %.23s, not %s", output->hostname, container->name);
    if (output->children_ended != children)
        km_fail("%d of %ld children in the container ended well", output->children_ended, children);
}

int km_docker_run(const char *program) {
    struct km_container container = {.storage = km_text("storage", "plain"), .host_link = KM_DOCKER_WITNESS};
    struct output output;
    struct utsname before;
    int fds[2];
    km_must(uname(&before), "uname");
    snprintf(container.name, sizeof container.name, "km%d", (int)getpid());
    snprintf(container.root, sizeof container.root, KM_CONTAINERS "/%s", container.name);
    km_must(pipe(fds), "pipe");
    container.pid = km_clone(km_container_flags());
    km_must(container.pid, "clone with namespaces");
    if (container.pid == 0) {
        km_must(dup2(fds[1], OUTPUT_FD), "dup2");
        close(fds[0]);
        close(fds[1]);
        become_init(&container, program);
    }
    close(fds[1]);
    int answered = km_read_all(fds[0], &output, sizeof output) == 0;
    close(fds[0]);
    km_end_as(km_wait(container.pid), "the container");
    if (!answered)
        km_fail("the container's command said nothing");
    check_output(&container, &output);
    km_container_check_host(&container, before.nodename);
    km_must(km_remove(container.root), "remove the container's files");
    return output.exec_tid != 1;
}
