#include "km_userland.h"

#include "km.h"
#include "km_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NODE "/run/km-userland"

static void make_node(void) {
    char text[32];
    unsigned major, minor;
    /* every machine has a virtio disk, so that without any it's the driver that lacks */
    if (km_read("/sys/block/vda/dev", text, sizeof text) < 0)
        km_unsupported("virtio_blk: /sys/block/vda: %s", strerror(errno));
    if (sscanf(text, "%u:%u", &major, &minor) != 2)
        km_fail("/sys/block/vda/dev says %s", text);
    unlink(NODE);
    km_must(mknod(NODE, S_IFBLK | 0400, makedev(major, minor)), "mknod " NODE);
}

static void check_magic(void) {
    char magic[4];
    int disk = open(NODE, O_RDONLY | O_CLOEXEC);
    km_must(disk, "open the first disk");
    int result = km_read_all(disk, magic, sizeof magic);
    close(disk);
    if (result < 0 || memcmp(magic, "hsqs", sizeof magic))
        km_fail("the machine's first disk is no squashfs: no userland came with it");
}

void km_userland_mount(void) {
    if (km_mounted_at(KM_USERLAND))
        return;
    if (!km_filesystem("squashfs"))
        km_unsupported("squashfs: not in /proc/filesystems");
    make_node();
    check_magic();
    km_must(km_folder(KM_USERLAND), "mkdir " KM_USERLAND);
    if (mount(NODE, KM_USERLAND, "squashfs", MS_RDONLY, NULL) < 0)
        km_unsupported("squashfs: mount of the userland: %s", strerror(errno));
}

int km_userland_packages(const char *root, struct km_package *table) {
    char path[128], line[256];
    int count = 0;
    snprintf(path, sizeof path, "%s" KM_PACKAGES, root);
    FILE *list = fopen(path, "r");
    if (!list)
        km_fail("%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, list)) {
        struct km_package *package = &table[count];
        if (count == KM_PACKAGES_MAX ||
            sscanf(line, "%47s %79s %95s", package->name, package->first, package->raised) != 3)
            km_fail("%s: line %d is no package", path, count + 1);
        count++;
    }
    fclose(list);
    if (count == 0)
        km_fail("%s names no package", path);
    return count;
}
