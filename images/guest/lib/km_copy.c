#include "km_copy.h"

#include "km_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKED_MAX 512
#define OPEN_FOLDERS 16

/* What has several names: its first copy. */
struct linked {
    ino_t inode;
    char path[PATH_MAX / 8];
};

static struct linked linked[LINKED_MAX];
static int linked_count;
static const char *source, *target, *left_out;

static int copy_bytes(const char *from, const char *to, mode_t mode) {
    static char bytes[65536];
    ssize_t got = -1;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0700);
    while (in >= 0 && out >= 0 && (got = read(in, bytes, sizeof bytes)) > 0)
        if (km_write_all(out, bytes, (size_t)got) < 0) {
            got = -1;
            break;
        }
    int error = errno;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    errno = error;
    return got < 0 ? -1 : 0;
}

static int copy_link(const char *from, const char *to) {
    char leads[PATH_MAX];
    ssize_t length = readlink(from, leads, sizeof leads - 1);
    if (length < 0)
        return -1;
    leads[length] = 0;
    return symlink(leads, to);
}

/* 1 if it became one more name of what was copied before. */
static int link_again(const struct stat *about, const char *to) {
    for (int i = 0; i < linked_count; i++)
        if (linked[i].inode == about->st_ino)
            return link(linked[i].path, to) < 0 ? -1 : 1;
    if (linked_count == LINKED_MAX || strlen(to) >= sizeof linked->path) {
        errno = E2BIG; /* a copy of each would be another thing */
        return -1;
    }
    linked[linked_count].inode = about->st_ino;
    strcpy(linked[linked_count++].path, to);
    return 0;
}

static int copy_content(const char *from, const char *to, const struct stat *about) {
    switch (about->st_mode & S_IFMT) {
    case S_IFDIR:
        return km_folder(to);
    case S_IFLNK:
        return copy_link(from, to);
    case S_IFREG:
        return copy_bytes(from, to, about->st_mode);
    default:
        return mknod(to, about->st_mode, about->st_rdev);
    }
}

static int copy_one(const char *from, const struct stat *about, int kind, struct FTW *at) {
    char to[PATH_MAX];
    size_t length = left_out ? strlen(left_out) : 0;
    (void)at;
    if (kind == FTW_NS || kind == FTW_DNR)
        return -1;
    if (left_out && !strncmp(from, left_out, length) && (!from[length] || from[length] == '/'))
        return 0;
    if (snprintf(to, sizeof to, "%s%s", target, from + strlen(source)) >= (int)sizeof to) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (about->st_nlink > 1 && S_ISREG(about->st_mode)) {
        int result = link_again(about, to);
        if (result != 0)
            return result < 0 ? -1 : 0;
    }
    if (copy_content(from, to, about) < 0 || lchown(to, about->st_uid, about->st_gid) < 0)
        return -1;
    struct timespec times[2] = {about->st_atim, about->st_mtim};
    if (!S_ISLNK(about->st_mode) && chmod(to, about->st_mode & 07777) < 0)
        return -1;
    return utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW);
}

int km_copy(const char *from, const char *to, const char *without) {
    source = from;
    target = to;
    left_out = without;
    linked_count = 0;
    return nftw(from, copy_one, OPEN_FOLDERS, FTW_PHYS | FTW_MOUNT) == 0 ? 0 : -1;
}
