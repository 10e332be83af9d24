/*
 * Stacks of layers as storage drivers build them: unions (ovl_copy_up, ovl_rename, ovl_whiteout; aufs_rename,
 * au_sio_cpup_simple), snapshots of snapshots (btrfs_ioctl_snap_create, dm-thin's __provision and
 * break_sharing), copies. One iteration builds a stack of `depth` layers, each by what it changes at the top
 * of those before it, and a top for a container; checks from there what must show, changes files of the
 * layers below, mounts it again, and looks whether the layers below are what they were. Then it unmounts
 * while processes read and write in there: refused (do_umount, propagate_mount_busy), and by MNT_DETACH,
 * after which they go on. After their end nothing stays: no mount, no file, no device.
 *
 * storage= (km_layers.h); depth=; break=order|copy-up|whiteout|rename|opaque|lower|users|stay breaks one
 * thing, to show that the checks notice.
 */
#include "km.h"
#include "km_file.h"
#include "km_layer_files.h"
#include "km_layers.h"
#include "km_process.h"
#include "km_tree.h"
#include "km_userland.h"
#include "km_users.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define FOLDER "/run/kml" /* short: mount options name it once per layer, and have a page */
#define ROOT "/run/km-layers-root"
#define DEPTH_MAX 40
#define MIB 256 /* for all layers; what isn't written takes no memory */

static const struct km_layers *driver;
static int depth;
static uint64_t sums[DEPTH_MAX + 1];

static void unmount(int layer) {
    km_layers_unmount(driver, FOLDER, layer, ROOT);
}

static void mount_layer(int layer) {
    driver->mount(driver, FOLDER, layer, ROOT);
}

static uint64_t sum_of_union(int layer) {
    char path[64];
    snprintf(path, sizeof path, FOLDER "/%d", layer);
    return km_tree_sum(path);
}

static void build(void) {
    double start = km_now();
    for (int layer = 1; layer <= depth; layer++) {
        driver->make(FOLDER, layer, layer - 1);
        mount_layer(layer);
        km_layer_write(ROOT, layer);
        if (driver->kind == KM_LAYERS_WHOLE)
            sums[layer] = km_tree_sum(ROOT);
        unmount(layer);
        if (driver->kind == KM_LAYERS_UNION)
            sums[layer] = sum_of_union(layer);
    }
    driver->make(FOLDER, depth + 1, depth);
    km_sample("layers-build-seconds", km_now() - start);
}

/* As it is now. */
static uint64_t sum_of(int layer) {
    if (driver->kind == KM_LAYERS_UNION)
        return sum_of_union(layer);
    mount_layer(layer);
    uint64_t sum = km_tree_sum(ROOT);
    unmount(layer);
    return sum;
}

static void break_lower(void) {
    char path[64];
    if (driver->kind == KM_LAYERS_UNION)
        snprintf(path, sizeof path, FOLDER "/1/layer-1");
    else
        km_fail("break=lower is for unions");
    km_must(km_write_new(path, "another\n"), path);
}

static void check_lower(void) {
    if (km_is("break", "lower"))
        break_lower();
    for (int layer = 1; layer <= depth && driver->kind != KM_LAYERS_ONE; layer++)
        if (sum_of(layer) != sums[layer])
            km_fail("%s: layer %d of %d is not what it was before layers above it changed", driver->name,
                    layer, depth);
}

static void check_refused(void) {
    int error = umount(ROOT) < 0 ? errno : 0;
    if (error != EBUSY)
        km_fail("%s: umount while processes use it: %s, not EBUSY", driver->name,
                error ? strerror(error) : "0");
    km_users_check();
}

static void detach(void) {
    km_must(umount2(ROOT, MNT_DETACH), "umount with MNT_DETACH");
    if (km_mounted_at(ROOT) || km_exists(ROOT "/layer-1"))
        km_fail("%s: what was detached is still there", driver->name);
    km_users_check();
}

/* Refused while in use, at once afterwards; and lazily, where all is released with its last user. */
static void unmount_in_use(void) {
    km_users_start(ROOT, "layer-1", "layer 1\n");
    if (km_is("break", "users"))
        km_users_stop();
    check_refused();
    km_users_stop();
    unmount(depth + 1);
    mount_layer(depth + 1);
    km_users_start(ROOT, "layer-1", "layer 1\n");
    detach();
    km_users_stop();
    if (driver->release)
        driver->release(FOLDER, depth + 1);
}

static void run_stack(void) {
    int mounts = km_mount_count();
    build();
    mount_layer(depth + 1);
    km_layer_check_below(driver->name, ROOT, depth);
    km_layer_change(driver->name, ROOT, depth, driver->kind == KM_LAYERS_UNION);
    km_layer_check_changed(driver->name, ROOT, depth);
    unmount(depth + 1);
    mount_layer(depth + 1);
    km_layer_check_changed(driver->name, ROOT, depth);
    unmount_in_use();
    mount_layer(depth + 1);
    km_layer_check_changed(driver->name, ROOT, depth);
    unmount(depth + 1);
    check_lower();
    if (km_is("break", "stay"))
        mount_layer(depth + 1);
    for (int layer = depth + 1; layer > 0; layer--)
        driver->remove(FOLDER, layer);
    if (km_mount_count() != mounts)
        km_fail("%s: %d mounts before the layers, %d after", driver->name, mounts, km_mount_count());
    if (km_layer_flaw())
        km_fail("%s", km_layer_flaw());
}

/* What a workload that failed leaves mounted goes with it. The tools of btrfs and devicemapper are the
 * userland's. */
static void prepare(void) {
    km_must(unshare(CLONE_NEWNS), "a mount namespace");
    km_must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make mounts private");
    if (!strcmp(driver->name, "btrfs") || !strcmp(driver->name, "devicemapper"))
        km_userland_mount();
    km_layers_open(driver, FOLDER, MIB);
    km_must(km_folder(ROOT), "mkdir " ROOT);
}

int main(int argc, char **argv) {
    km_args(argc, argv);
    depth = (int)km_number("depth", 1, 1, DEPTH_MAX);
    driver = km_layers_find(km_text("storage", "plain"));
    prepare();
    for (; km_continue(); km_iteration_done())
        run_stack();
    km_layers_close(driver, FOLDER);
    if (km_mounted_at(KM_USERLAND))
        km_must(umount(KM_USERLAND), "umount " KM_USERLAND);
    return 0;
}
