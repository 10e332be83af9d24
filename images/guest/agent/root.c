#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_ROOT "/mnt"

static int copy_bytes(const char *from, const char *to, mode_t mode) {
    char bytes[16384];
    ssize_t got = -1;
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_EXCL, mode);
    while (in >= 0 && out >= 0 && (got = read(in, bytes, sizeof bytes)) > 0)
        if (write(out, bytes, (size_t)got) != got) {
            got = -1;
            break;
        }
    close(in);
    close(out);
    return got == 0 ? 0 : -1;
}

/* One thing of the old root to the new one. A file goes at once, so that memory holds no more than one of
 * them twice. */
static int carry(const char *path, const struct stat *about, int kind, struct FTW *at) {
    char to[512];
    (void)kind;
    if (at->level == 0)
        return 0;
    if (!strncmp(path, "/modules/", 9))
        return unlink(path); /* loaded by now */
    snprintf(to, sizeof to, NEW_ROOT "%s", path);
    if (S_ISDIR(about->st_mode))
        return mkdir(to, about->st_mode & 07777) < 0 && errno != EEXIST ? -1 : 0;
    if (S_ISREG(about->st_mode))
        return copy_bytes(path, to, about->st_mode & 07777) < 0 ? -1 : unlink(path);
    return mknod(to, about->st_mode, about->st_rdev);
}

static int move_over(void) {
    return chdir(NEW_ROOT) == 0 && mount(".", "/", NULL, MS_MOVE, NULL) == 0 && chroot(".") == 0 &&
                   chdir("/") == 0
               ? 0
               : -1;
}

/*
 * The initramfs is the root of the mount tree, and pivot_root(2) refuses a root that is not mounted on
 * anything (EINVAL). A bind mount of the same files, moved over it, is; but up to 3.10 rootfs can't be bound
 * (MS_NOUSER, graft_tree()), so there everything moves into a tmpfs, as switch_root(8) would have it.
 */
void root_make_pivotable(void) {
    umask(0);
    if (mount("/", NEW_ROOT, NULL, MS_BIND, NULL) < 0 &&
        (mount("tmpfs", NEW_ROOT, "tmpfs", 0, "mode=0755,size=90%") < 0 ||
         nftw("/", carry, 16, FTW_PHYS | FTW_MOUNT) < 0))
        printf("agent: can't fill a new root: %s\n", strerror(errno));
    else if (move_over() < 0)
        printf("agent: can't move the new root over the old one: %s\n", strerror(errno));
}
