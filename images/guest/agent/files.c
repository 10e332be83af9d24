#include "files.h"

#include "../lib/km_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Where the harness puts the device (harness/vm/command-line.ts). */
#define ADDRESS "/0000:00:1f.0/"
#define BLOCK 4096
#define CHUNK (1 << 20)
#define HEADER_MAX (16 * BLOCK)

/* What is brought, and the first thing that went wrong. */
struct bringing {
    int slot;
    char *chunk; /* CHUNK bytes, aligned for O_DIRECT */
    char wrong[160];
};

static int fail(struct bringing *all, const char *what, const char *path) {
    snprintf(all->wrong, sizeof all->wrong, "%s %.80s: %s", what, path, strerror(errno));
    return -1;
}

/* By a node of its own: without devtmpfs /dev has none. */
static int device_open(const char *name) {
    char path[80], number[16];
    unsigned major, minor;
    int fd = -1;
    snprintf(path, sizeof path, "/sys/block/%.32s/dev", name);
    if (km_read(path, number, sizeof number) < 0 || sscanf(number, "%u:%u", &major, &minor) != 2)
        return -1;
    if (mknod("/run/slot", S_IFBLK | 0400, makedev(major, minor)) == 0) {
        /* past the page cache: when the kernel looked for partitions, the slot was blank */
        fd = open("/run/slot", O_RDONLY | O_DIRECT | O_CLOEXEC);
        unlink("/run/slot");
    }
    return fd;
}

/* The disk at the slot's place on the bus, whatever its letter. */
static int slot_open(void) {
    int fd = -1;
    char path[80], *real;
    struct dirent *entry;
    DIR *blocks = opendir("/sys/block");
    while (blocks && fd < 0 && (entry = readdir(blocks))) {
        snprintf(path, sizeof path, "/sys/block/%.32s/device", entry->d_name);
        if ((real = realpath(path, NULL)) && strstr(real, ADDRESS))
            fd = device_open(entry->d_name);
        free(real);
    }
    if (blocks)
        closedir(blocks);
    return fd;
}

/* Every folder above path, which begins with a slash. */
static void folders_make(char *path) {
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        km_folder(path);
        *slash = '/';
    }
}

static int copy_out(struct bringing *all, int fd, const char *path, off_t from, size_t bytes) {
    for (size_t done = 0; done < bytes;) {
        size_t part = bytes - done < CHUNK ? bytes - done : CHUNK;
        size_t blocks = (part + BLOCK - 1) / BLOCK * BLOCK;
        ssize_t got = pread(all->slot, all->chunk, blocks, from + (off_t)done);
        if (got >= 0 && got < (ssize_t)part)
            errno = EIO;
        if (got < (ssize_t)part)
            return fail(all, "reading", path);
        if (km_write_all(fd, all->chunk, part) < 0)
            return fail(all, "writing", path);
        done += part;
    }
    return 0;
}

/* A line of the header: MODE OFFSET BYTES PATH */
static int bring_one(struct bringing *all, const char *line) {
    unsigned mode;
    unsigned long long from, bytes;
    int at = 0;
    char path[256];
    if (sscanf(line, "%o %llu %llu %n", &mode, &from, &bytes, &at) != 3 || !line[at]) {
        errno = EINVAL;
        return fail(all, "no file in", line);
    }
    snprintf(path, sizeof path, "/files/%s", line + at);
    folders_make(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(all, "making", path);
    int result = copy_out(all, fd, path, (off_t)from, (size_t)bytes);
    if (result == 0 && fchmod(fd, mode & 07777) < 0)
        result = fail(all, "chmod", path);
    if (close(fd) < 0 && result == 0)
        result = fail(all, "closing", path);
    return result;
}

/* The header is text, its first line "kmatrix-files ID BYTES", and is padded with zeros to whole blocks. */
static int bring_all(struct bringing *all, const char *id) {
    static char header[HEADER_MAX + 1];
    char found[FILES_ID_SIZE] = "";
    unsigned length = 0;
    char *line, *rest = NULL;
    /* of an earlier start that failed half-way */
    if (km_exists("/files") && km_remove("/files") < 0)
        return fail(all, "removing", "/files");
    if (pread(all->slot, all->chunk, HEADER_MAX, 0) < BLOCK)
        return fail(all, "reading", "the slot");
    memcpy(header, all->chunk, HEADER_MAX);
    if (sscanf(header, "kmatrix-files %64[0-9a-f] %u", found, &length) != 2 || strcmp(found, id) ||
        length > HEADER_MAX) {
        errno = ENOMEDIUM;
        return fail(all, "the slot doesn't hold", id);
    }
    header[length] = 0;
    strtok_r(header, "\n", &rest);
    while ((line = strtok_r(NULL, "\n", &rest)))
        if (bring_one(all, line) < 0)
            return -1;
    return 0;
}

const char files_no_slot[] = "no driver for the disk that files come on (virtio_blk, virtio_pci)";

const char *files_bring(const char *id) {
    static struct bringing all;
    memset(&all, 0, sizeof all);
    all.chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all.chunk == MAP_FAILED)
        return "no memory for files";
    if ((all.slot = slot_open()) >= 0) {
        bring_all(&all, id);
        close(all.slot);
    }
    munmap(all.chunk, CHUNK);
    return all.slot < 0 ? files_no_slot : all.wrong[0] ? all.wrong : NULL;
}
