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

/* A file's bytes come back from the device that it is attached to; NULL, or what went wrong, with errno. */
static const char *use_loop(void) {
    char bytes[sizeof MARK] = "";
    if (km_folder(FOLDER) < 0 || mount("km-storage", FOLDER, "ramfs", 0, NULL) < 0)
        return "mount of ramfs";
    int file = open(FOLDER "/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || km_write_all(file, MARK, sizeof MARK) < 0 || ftruncate(file, SIZE) < 0)
        return "file";
    int device = km_loop_attach(file, FOLDER "/device");
    if (device < 0)
        return "LOOP_SET_FD";
    const char *wrong = km_read_all(device, bytes, sizeof bytes) < 0 ? "read of the device"
                        : strcmp(bytes, MARK)                        ? "other bytes on the device"
                                                                     : NULL;
    km_loop_detach(device);
    return wrong;
}

void km_probe_loop(void) {
    const char *module = km_module("loop"), *wrong = use_loop();
    if (wrong)
        km_fact("storage.loop", 0, "%s: %s", wrong, strerror(errno));
    else
        km_part("storage.loop", 1, module, "a file's bytes were read from a loop device");
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

static int open_control(void) {
    static char misc[4096];
    int minor;
    char *found = km_read("/proc/misc", misc, sizeof misc) > 0 ? strstr(misc, " device-mapper\n") : NULL;
    errno = ENODEV;
    if (!found)
        return -1;
    while (found > misc && found[-1] != '\n')
        found--;
    if (sscanf(found, "%d", &minor) != 1 || km_folder(FOLDER) < 0)
        return -1;
    unlink(FOLDER "/control");
    if (mknod(FOLDER "/control", S_IFCHR | 0600, makedev(10 /* misc */, (unsigned)minor)) < 0)
        return -1;
    return open(FOLDER "/control", O_RDWR | O_CLOEXEC);
}

/* 1 if the target is registered, 0 if not, -1 with errno where the mapper doesn't say. */
static int has_target(const char *name) {
    static union {
        struct mapper request;
        char bytes[16384];
    } list;
    int control = open_control();
    list.request = (struct mapper){.version = {4, 0, 0}, .size = sizeof list, .start = sizeof list.request};
    int result = control < 0 ? -1 : ioctl(control, LIST_VERSIONS, &list);
    int error = errno;
    if (control >= 0)
        close(control);
    errno = error;
    if (result < 0)
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

void km_probe_mapper(void) {
    const char *module = km_module("dm-mod");
    int there = has_target("linear");
    km_part("storage.devicemapper", there > 0, module, "DM_LIST_VERSIONS: %s",
            there < 0   ? strerror(errno)
            : there > 0 ? "the target linear"
                        : "no target linear");
    module = km_module("dm-thin-pool");
    there = has_target("thin-pool");
    km_part("storage.dm-thin", there > 0, module, "DM_LIST_VERSIONS: %s",
            there < 0   ? strerror(errno)
            : there > 0 ? "the target thin-pool"
                        : "no target thin-pool");
}
