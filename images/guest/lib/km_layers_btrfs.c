/*
 * Btrfs in a sparse file: a layer is a subvolume, and the next one a snapshot of it
 * (btrfs_ioctl_snap_create). The file system is made for the oldest line: nodes and sectors of 4 KiB, since
 * bigger ones came with 3.4, and none of mkfs's defaults that a later line brought: extref (3.7), skinny
 * metadata (3.10), no holes (3.14), the free space tree (4.5).
 */
#include "km.h"
#include "km_file.h"
#include "km_kernel_log.h"
#include "km_layers.h"
#include "km_loop.h"
#include "km_tool.h"
#include "km_unmount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#define NODE KM_TOOL_DEVICES "/km-btrfs"

/* linux/btrfs.h */
struct volume {
    int64_t fd;
    char name[4088];
};
#define SNAP_CREATE _IOW(0x94, 1, struct volume)
#define SUBVOL_CREATE _IOW(0x94, 14, struct volume)
#define SNAP_DESTROY _IOW(0x94, 15, struct volume)
#define SUBVOL_SETFLAGS _IOW(0x94, 26, uint64_t)

static const char *below(const char *folder, const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void open_btrfs(const struct km_layers *driver, const char *folder, long mib) {
    static char *const make[] = {"mkfs.btrfs", "-q",
                                 "-f",         "-K",
                                 "-n",         "4096",
                                 "-s",         "4096",
                                 "-m",         "single",
                                 "-d",         "single",
                                 "-O",         "^extref,^skinny-metadata,^no-holes",
                                 "-R",         "^free-space-tree",
                                 NODE,         NULL};
    (void)driver;
    if (km_loop_make(below(folder, "image"), mib, NODE) < 0)
        km_unsupported("btrfs: a loop device for it: %s", strerror(errno));
    km_tool(make);
    km_must(km_folder(below(folder, "store")), "mkdir of the store");
    km_kernel_log_mark("btrfs");
    if (mount(NODE, below(folder, "store"), "btrfs", 0, NULL) < 0)
        km_unsupported("btrfs: mount: %s%s", strerror(errno), km_kernel_log_since("btrfs"));
}

/* 0, or -1 with errno. */
static int ask(const char *folder, unsigned long what, int layer, int parent) {
    static struct volume volume;
    char name[16];
    memset(&volume, 0, sizeof volume);
    snprintf(name, sizeof name, "store/%d", parent);
    snprintf(volume.name, sizeof volume.name, "%d", layer);
    int store = open(below(folder, "store"), O_RDONLY | O_CLOEXEC);
    int from = parent ? open(below(folder, name), O_RDONLY | O_CLOEXEC) : 0;
    volume.fd = from;
    int result = store < 0 || from < 0 ? -1 : ioctl(store, what, &volume), error = errno;
    if (parent && from >= 0)
        close(from);
    if (store >= 0)
        close(store);
    errno = error;
    return result;
}

/* 2.6.38 leaves a new subvolume's flags as its stack had them, and it may be read-only
 * (08fe4db170b4, 2.6.39); older lines have neither such flags nor this ioctl. */
static void clear_flags(const char *folder, int layer) {
    static const uint64_t none;
    char name[16];
    snprintf(name, sizeof name, "store/%d", layer);
    int volume = open(below(folder, name), O_RDONLY | O_CLOEXEC);
    km_must(volume, "open a subvolume");
    if (ioctl(volume, SUBVOL_SETFLAGS, &none) < 0 && errno != ENOTTY)
        km_fail("btrfs: flags of subvolume %d: %s", layer, strerror(errno));
    close(volume);
}

static void make_btrfs(const char *folder, int layer, int parent) {
    if (ask(folder, parent ? SNAP_CREATE : SUBVOL_CREATE, layer, parent) < 0)
        km_fail("btrfs: %s %d: %s", parent ? "snapshot" : "subvolume", layer, strerror(errno));
    if (!parent)
        clear_flags(folder, layer);
}

static void mount_btrfs(const struct km_layers *driver, const char *folder, int layer, const char *root) {
    char name[16];
    (void)driver;
    snprintf(name, sizeof name, "store/%d", layer);
    km_must(mount(below(folder, name), root, NULL, MS_BIND, NULL), "bind a subvolume");
}

static void remove_btrfs(const char *folder, int layer) {
    if (ask(folder, SNAP_DESTROY, layer, 0) < 0)
        km_fail("btrfs: subvolume %d can't be deleted: %s", layer, strerror(errno));
}

static void close_btrfs(const char *folder) {
    km_unmount(below(folder, "store"));
    km_must(km_loop_drop(below(folder, "image"), NODE), "btrfs: detach its loop device");
}

const struct km_layers km_layers_btrfs = {
    .name = "btrfs",
    .filesystem = "btrfs",
    .kind = KM_LAYERS_WHOLE,
    .open = open_btrfs,
    .make = make_btrfs,
    .mount = mount_btrfs,
    .remove = remove_btrfs,
    .close = close_btrfs,
};
