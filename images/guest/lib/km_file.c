#include "km_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_with(const char *path, const char *text, int flags) {
    int fd = open(path, flags, 0644);
    if (fd < 0)
        return -1;
    int result = km_write_all(fd, text, strlen(text)), error = errno;
    close(fd);
    errno = error;
    return result;
}

int km_write(const char *path, const char *text) {
    return write_with(path, text, O_WRONLY);
}

int km_write_new(const char *path, const char *text) {
    return write_with(path, text, O_WRONLY | O_CREAT | O_TRUNC);
}

ssize_t km_read(const char *path, char *out, size_t size) {
    size_t used = 0;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return -1;
    while (used + 1 < size && (got = read(fd, out + used, size - 1 - used)) > 0)
        used += (size_t)got;
    int error = errno;
    close(fd);
    errno = error;
    out[used] = 0;
    return got < 0 ? -1 : (ssize_t)used;
}

int km_read_all(int fd, void *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t got = read(fd, (char *)bytes + done, length - done);
        if (got == 0)
            errno = EPIPE;
        if (got == 0 || (got < 0 && errno != EINTR))
            return -1;
        done += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

int km_write_all(int fd, const void *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t put = write(fd, (const char *)bytes + done, length - done);
        if (put < 0 && errno != EINTR)
            return -1;
        done += put > 0 ? (size_t)put : 0;
    }
    return 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at) {
    (void)about;
    (void)kind;
    (void)at;
    return remove(path);
}

int km_remove(const char *path) {
    return nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

int km_exists(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0;
}

int km_folder(const char *path) {
    return mkdir(path, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

int km_mount_count(void) {
    char line[1024];
    int count = 0;
    FILE *mounts = fopen("/proc/self/mounts", "r");
    if (!mounts)
        return -1;
    while (fgets(line, sizeof line, mounts))
        count += strchr(line, '\n') != NULL;
    fclose(mounts);
    return count;
}

int km_mounted_at(const char *folder) {
    char line[1024], at[256];
    int found = 0;
    FILE *mounts = fopen("/proc/self/mounts", "r");
    while (mounts && fgets(line, sizeof line, mounts))
        found |= sscanf(line, "%*s %255s", at) == 1 && !strcmp(at, folder);
    if (mounts)
        fclose(mounts);
    return found;
}

int km_filesystem(const char *name) {
    char line[128], type[64];
    int found = 0;
    FILE *list = fopen("/proc/filesystems", "r");
    while (list && fgets(line, sizeof line, list))
        found |=
            (sscanf(line, "nodev %63s", type) == 1 || sscanf(line, "%63s", type) == 1) && !strcmp(type, name);
    if (list)
        fclose(list);
    return found;
}

long km_meminfo(const char *key) {
    char line[128], name[64];
    long value, found = -1;
    FILE *list = fopen("/proc/meminfo", "r");
    while (list && fgets(line, sizeof line, list))
        if (sscanf(line, "%63[^:]: %ld", name, &value) == 2 && !strcmp(name, key))
            found = value;
    if (list)
        fclose(list);
    return found;
}
