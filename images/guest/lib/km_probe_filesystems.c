#include "km.h"
#include "km_file.h"
#include "km_module.h"
#include "km_probes.h"
#include "km_process.h"
#include "km_squashfs.h"
#include "km_storage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define BASE "/run/km-feature"

/* A union is the file system by that very name, so that overlay and overlayfs are two facts. */
static void probe_union(const char *type) {
    char fact[48], base[64];
    struct km_module module = km_module(type);
    snprintf(fact, sizeof fact, "filesystem.%s", type);
    snprintf(base, sizeof base, BASE "/%s", type);
    if (!km_filesystem(type)) {
        km_part(fact, 0, &module, "not in /proc/filesystems");
    } else if (km_storage_prepare(base) < 0) {
        km_part(fact, -1, &module, "layers for it: %s", strerror(errno));
    } else if (km_storage_mount(type, base) < 0) {
        km_part(fact, -1, &module, "in /proc/filesystems; mount: %s", strerror(errno));
    } else {
        const char *wrong = km_union_wrong(base);
        km_part(fact, !wrong, &module, "mounted; %s",
                wrong ? wrong : "lower layer, copy-up, whiteout and rename are right");
    }
}

/* Needs a disk with something on it: it is there if the kernel has it registered, and isn't mounted. */
static void probe_registered(const char *type) {
    char fact[48];
    struct km_module module = km_module(type);
    snprintf(fact, sizeof fact, "filesystem.%s", type);
    km_part(fact, km_filesystem(type), &module, "%s /proc/filesystems; not mounted",
            km_filesystem(type) ? "registered in" : "not in");
}

static void probe_squashfs(void) {
    static const char fact[] = "filesystem.squashfs";
    struct km_module module = km_module("squashfs");
    if (!km_filesystem("squashfs")) {
        km_part(fact, 0, &module, "not in /proc/filesystems");
        return;
    }
    switch (km_squashfs(BASE "/squashfs")) {
    case KM_SQUASHFS_NO_DISK:
        km_part(fact, 1, &module, "registered in /proc/filesystems; not mounted: no loop device: %s",
                strerror(errno));
        break;
    case KM_SQUASHFS_NOT_MOUNTED:
        km_part(fact, -1, &module, "in /proc/filesystems; mount: %s", strerror(errno));
        break;
    case KM_SQUASHFS_WRONG:
        km_part(fact, 0, &module, "mounted; a file has other bytes than it should");
        break;
    case KM_SQUASHFS_RIGHT:
        km_part(fact, 1, &module, "mounted from a loop device; a file's bytes are right");
    }
}

static void probe_tmpfs(void) {
    int there = km_filesystem("tmpfs");
    if (km_folder(BASE) < 0 || mount("km-feature", BASE, "tmpfs", 0, "size=16m") < 0)
        km_fact("filesystem.tmpfs", there ? -1 : 0, "%s /proc/filesystems; mount: %s",
                there ? "in" : "not in", strerror(errno));
    else if (km_write_new(BASE "/file", "x") < 0)
        km_fact("filesystem.tmpfs", 0, "mounted; a file: %s", strerror(errno));
    else
        km_fact("filesystem.tmpfs", 1, "mounted, and a file written");
}

void km_probe_filesystems(void) {
    /* a mount namespace of its own: nothing is left when this process ends */
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        km_note("file systems are probed in the machine's own mount table: %s", strerror(errno));
    probe_tmpfs();
    probe_union("overlay");
    probe_union("overlayfs");
    probe_union("aufs");
    probe_registered("ext4");
    probe_squashfs();
    probe_registered("xfs");
}

void km_probe_btrfs(void) {
    probe_registered("btrfs");
}
