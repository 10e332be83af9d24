/* Block devices that storage drivers put layers on. */
#include "km.h"
#include "km_file.h"
#include "km_loop.h"
#include "km_module.h"
#include "km_probes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FOLDER "/run/km-storage"
#define SIZE (64 << 10)
#define MARK "kmatrix"

/* What was found of a part: as km_part() takes it, and at which step. */
struct found {
    int there;
    const char *step;
};

/* A file's bytes come back from the device that it is attached to; else with errno. */
static struct found use_loop(void) {
    char bytes[sizeof MARK] = "";
    if (km_folder(FOLDER) < 0 || mount("km-storage", FOLDER, "ramfs", 0, NULL) < 0)
        return (struct found){-1, "mount of ramfs"};
    int file = open(FOLDER "/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || km_write_all(file, MARK, sizeof MARK) < 0 || ftruncate(file, SIZE) < 0)
        return (struct found){-1, "a file for it"};
    int device = km_loop_attach(file, FOLDER "/device");
    /* open(2) of a node without a driver (def_blk_fops, blkdev_open) */
    if (device < 0)
        return (struct found){errno == ENXIO || errno == ENODEV ? 0 : -1, "a free device for it"};
    int got = km_read_all(device, bytes, sizeof bytes), error = errno;
    km_loop_detach(device);
    errno = error;
    if (got < 0)
        return (struct found){0, "read of the device"};
    errno = 0;
    return (struct found){!strcmp(bytes, MARK), "its bytes on the device"};
}

void km_probe_loop(void) {
    struct km_module module = km_module("loop");
    struct found loop = use_loop();
    if (loop.there > 0)
        km_part("storage.loop", 1, &module, "a file's bytes were read from a loop device");
    else
        km_part("storage.loop", loop.there, &module, "%s: %s", loop.step,
                errno ? strerror(errno) : "other ones");
    umount2(FOLDER, MNT_DETACH);
}

/* linux/dm-ioctl.h */
struct mapper {
    uint32_t version[3], size, start, targets, opened, flags, event, padding;
    uint64_t device;
    char name[128], uuid[129], data[7];
};
struct target {
    uint32_t next, version[3];
    char name[16];
};
#define LIST_VERSIONS _IOWR(0xfd, 13, struct mapper)

/* -1 with errno: ENODEV where the kernel has no mapper. */
static int open_control(void) {
    static char misc[4096];
    int minor;
    if (km_read("/proc/misc", misc, sizeof misc) < 0)
        return -1;
    char *found = strstr(misc, " device-mapper\n");
    errno = ENODEV;
    if (!found)
        return -1;
    while (found > misc && found[-1] != '\n')
        found--;
    errno = EPROTO;
    if (sscanf(found, "%d", &minor) != 1 || km_folder(FOLDER) < 0)
        return -1;
    unlink(FOLDER "/control");
    if (mknod(FOLDER "/control", S_IFCHR | 0600, makedev(10 /* misc */, (unsigned)minor)) < 0)
        return -1;
    int control = open(FOLDER "/control", O_RDWR | O_CLOEXEC);
    if (control < 0 && errno == ENODEV)
        errno = EPROTO; /* it is listed */
    return control;
}

/* 1 if the target is registered, 0 if not, -1 with errno where the mapper doesn't say. */
static int has_target(int control, const char *name) {
    static union {
        struct mapper request;
        char bytes[16384];
    } list;
    list.request = (struct mapper){.version = {4, 0, 0}, .size = sizeof list, .start = sizeof list.request};
    if (ioctl(control, LIST_VERSIONS, &list) < 0)
        return -1;
    for (uint32_t at = list.request.start; at + sizeof(struct target) <= sizeof list;) {
        const struct target *target = (const struct target *)(list.bytes + at);
        if (!strncmp(target->name, name, sizeof target->name))
            return 1;
        if (!target->next)
            return 0;
        at += target->next;
    }
    return 0;
}

/* A target is there if the mapper has it registered; no device is made of it. */
static void probe_target(const char *fact, const char *needed, const char *target) {
    struct km_module module = km_module(needed);
    int control = open_control();
    if (control < 0) {
        km_part(fact, errno == ENODEV ? 0 : -1, &module, "the mapper's control device: %s", strerror(errno));
        return;
    }
    int there = has_target(control, target);
    km_part(fact, there, &module, "DM_LIST_VERSIONS: %s%s",
            there < 0   ? strerror(errno)
            : there > 0 ? "registered, no device made: "
                        : "no target ",
            there < 0 ? "" : target);
    close(control);
}

void km_probe_mapper(void) {
    probe_target("storage.devicemapper", "dm-mod", "linear");
}

void km_probe_thin(void) {
    probe_target("storage.dm-thin", "dm-thin-pool", "thin-pool");
}
