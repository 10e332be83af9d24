#include "km_tree.h"

#include "km.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t sum;
static size_t root_length;

/* FNV-1a */
static uint64_t add(uint64_t so_far, const void *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        so_far = (so_far ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3ull;
    return so_far;
}

static int add_bytes(const char *path, uint64_t *one) {
    static char bytes[65536];
    ssize_t got;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    while ((got = read(file, bytes, sizeof bytes)) > 0)
        *one = add(*one, bytes, (size_t)got);
    close(file);
    return got < 0 ? -1 : 0;
}

/* Entries are summed up, since two file systems may list the same ones in another order. */
static int add_one(const char *path, const struct stat *about, int kind, struct FTW *at) {
    uint64_t one = 0xcbf29ce484222325ull;
    int64_t parts[] = {about->st_mode, about->st_uid,         about->st_gid,
                       about->st_rdev, about->st_mtim.tv_sec, about->st_mtim.tv_nsec};
    char leads[PATH_MAX];
    (void)at;
    if (kind == FTW_NS || kind == FTW_DNR)
        return -1;
    one = add(one, path + root_length, strlen(path + root_length) + 1);
    one = add(one, parts, sizeof parts);
    if (S_ISREG(about->st_mode) && add_bytes(path, &one) < 0)
        return -1;
    if (S_ISLNK(about->st_mode)) {
        ssize_t length = readlink(path, leads, sizeof leads);
        if (length < 0)
            return -1;
        one = add(one, leads, (size_t)length);
    }
    sum += one;
    return 0;
}

uint64_t km_tree_sum(const char *path) {
    sum = 0;
    root_length = strlen(path);
    km_must(nftw(path, add_one, 16, FTW_PHYS | FTW_MOUNT), path);
    return sum;
}
