/* Block devices that storage drivers put layers on. */
#include "km.h"
#include "km_file.h"
#include "km_loop.h"
#include "km_mapper.h"
#include "km_module.h"
#include "km_probes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
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

/* A target is there if the mapper has it registered; no device is made of it. */
static void probe_target(const char *fact, const char *needed, const char *target) {
    struct km_module module = km_module(needed);
    int control = km_mapper_open();
    if (control < 0) {
        km_part(fact, errno == ENODEV ? 0 : -1, &module, "the mapper's control device: %s", strerror(errno));
        return;
    }
    int there = km_mapper_has_target(control, target);
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
