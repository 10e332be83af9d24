#include "km.h"
#include "km_file.h"
#include "km_module.h"
#include "km_probes.h"
#include "km_process.h"
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
    const char *module = km_module(type);
    snprintf(fact, sizeof fact, "filesystem.%s", type);
    snprintf(base, sizeof base, BASE "/%s", type);
    if (!km_filesystem(type)) {
        km_fact(fact, 0, "not in /proc/filesystems");
        return;
    }
    if (km_storage_prepare(base) < 0 || km_storage_mount(type, base) < 0) {
        km_fact(fact, 0, "mount: %s", strerror(errno));
        return;
    }
    const char *wrong = km_union_wrong(base);
    km_part(fact, !wrong, module, "mounted; %s",
            wrong ? wrong : "lower layer, copy-up, whiteout and rename are right");
}

static void probe_listed(const char *type) {
    char fact[48];
    const char *module = km_module(type);
    snprintf(fact, sizeof fact, "filesystem.%s", type);
    km_part(fact, km_filesystem(type), module, "%s /proc/filesystems; needs a disk, so not mounted",
            km_filesystem(type) ? "in" : "not in");
}

void km_probe_filesystems(void) {
    /* a mount namespace of its own: nothing is left when this process ends */
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        km_note("file systems are probed in the machine's own mount table: %s", strerror(errno));
    int made = km_folder(BASE) == 0 && mount("km-feature", BASE, "tmpfs", 0, "size=16m") == 0;
    km_fact("filesystem.tmpfs", made && km_write_new(BASE "/file", "x") == 0, "mount: %s",
            made ? "done, and a file written" : strerror(errno));
    probe_union("overlay");
    probe_union("overlayfs");
    probe_union("aufs");
    probe_listed("ext4");
    probe_listed("squashfs");
    probe_listed("xfs");
}

void km_probe_btrfs(void) {
    probe_listed("btrfs");
}
