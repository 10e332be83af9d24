#include "km_churn.h"

#include "km.h"
#include "km_file.h"
#include "km_process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static void press(long mebibytes) {
    size_t bytes = (size_t)mebibytes << 20;
    if (bytes && mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
                      0) == MAP_FAILED)
        km_fail("pressure=%ld: %s", mebibytes, strerror(errno));
}

/* Takes and gives back mounts for ever: whoever drops one too early finds it in other hands. */
__attribute__((noreturn)) static void mount_for_ever(long number, long mounts) {
    char folder[64];
    snprintf(folder, sizeof folder, "/tmp/km-churn%ld", number);
    km_must(km_folder(folder), folder);
    for (;;) {
        for (long i = 0; i < mounts; i++)
            km_must(mount("km-churn", folder, "tmpfs", 0, "size=4k"), "churn: mount");
        for (long i = 0; i < mounts; i++)
            km_must(umount2(folder, 0), "churn: umount");
    }
}

/* A cgroup hierarchy of no controller and no name, which parse_cgroupfs_options() refuses without a word. */
static int ask_once(void) {
    return mount("km-refused", "/tmp", "cgroup", 0, "none");
}

/* Before anything can be corrupted: a kernel that answers otherwise refuses earlier, and never makes the
 * mount that it is to give back. Once the race is on, an odd answer may be the bug's own doing. */
static void check_refusal(void) {
    if (ask_once() == 0)
        km_fail("refused: a cgroup hierarchy of nothing was mounted");
    if (errno == ENODEV)
        km_unsupported("CGROUPS: mount: %s", strerror(errno));
    if (errno != EINVAL)
        km_fail("refused: mount: %s", strerror(errno));
}

__attribute__((noreturn)) static void ask_for_ever(void) {
    for (;;)
        ask_once();
}

void km_churn_start(struct km_churn *churn) {
    long mounts = km_number("churn_mounts", 40, 1, 1000),
         mounting = km_number("churn", 0, 0, KM_CHURNERS_MAX);
    churn->count = mounting + km_number("refused", 0, 0, KM_CHURNERS_MAX);
    if (churn->count > mounting)
        check_refusal();
    press(km_number("pressure", 0, 0, 100000));
    for (long i = 0; i < churn->count; i++) {
        churn->pids[i] = fork();
        km_must(churn->pids[i], "fork of a churning process");
        if (churn->pids[i] > 0)
            continue;
        if (i < mounting)
            mount_for_ever(i, mounts);
        ask_for_ever();
    }
}

void km_churn_check(const struct km_churn *churn) {
    int status;
    for (long i = 0; i < churn->count; i++)
        if (waitpid(churn->pids[i], &status, WNOHANG) > 0)
            km_end_as(status, "a churning process");
}

void km_churn_stop(const struct km_churn *churn) {
    for (long i = 0; i < churn->count; i++)
        km_kill(churn->pids[i]);
}
