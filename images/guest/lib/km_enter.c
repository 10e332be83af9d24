#include "km_enter.h"

#include "km.h"
#include "km_file.h"
#include "km_process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void make_dev(void) {
    static const struct {
        const char *name;
        unsigned major, minor;
    } nodes[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
                 {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
    static const char *const links[][2] = {{"ptmx", "pts/ptmx"},
                                           {"fd", "/proc/self/fd"},
                                           {"stdin", "/proc/self/fd/0"},
                                           {"stdout", "/proc/self/fd/1"},
                                           {"stderr", "/proc/self/fd/2"}};
    char path[64];
    mode_t mask = umask(0);
    km_must(km_folder("/dev"), "mkdir /dev");
    km_must(mount("dev", "/dev", "tmpfs", MS_NOSUID, "mode=0755,size=64k"), "mount /dev");
    for (unsigned i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        snprintf(path, sizeof path, "/dev/%s", nodes[i].name);
        km_must(mknod(path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)), path);
    }
    for (unsigned i = 0; i < sizeof links / sizeof *links; i++) {
        snprintf(path, sizeof path, "/dev/%s", links[i][0]);
        km_must(symlink(links[i][1], path), path);
    }
    km_must(km_folder("/dev/pts"), "mkdir /dev/pts");
    /* an instance of its own came with 2.6.29, as an option of the build until 4.7 */
    if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620") <
        0)
        km_unsupported("devpts has no instances of their own: %s", strerror(errno));
    umask(mask);
}

void km_enter(const char *root) {
    char self[16] = "";
    km_must(chdir(root), "chdir to the container's root");
    km_must(km_folder("old"), "mkdir old");
    km_must((int)syscall(SYS_pivot_root, ".", "old"), "pivot_root");
    km_must(chdir("/"), "chdir /");
    km_must(umount2("/old", MNT_DETACH), "umount the old root");
    km_must(rmdir("/old"), "rmdir old");
    if (km_exists("/workloads") || km_exists("/old"))
        km_fail("the old root is reachable in the container");
    km_must(km_folder("/proc"), "mkdir /proc");
    km_must(mount("proc", "/proc", "proc", 0, NULL), "mount proc");
    if (readlink("/proc/self", self, sizeof self - 1) < 0 || strcmp(self, "1"))
        km_fail("/proc/self in the container is %s, not 1", self);
    make_dev();
    km_must(mount("tmp", "/tmp", "tmpfs", MS_NOSUID, "mode=1777"), "mount /tmp");
}
