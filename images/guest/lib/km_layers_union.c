/*
 * Unions: a layer is a folder with what differs from those below it (folder/N, and folder/wN for overlay's
 * own use), and a mount shows the whole stack (ovl_fill_super, aufs_fill_super). break=order stacks the lower
 * ones upside down, to show that the checks notice.
 */
#include "km.h"
#include "km_file.h"
#include "km_kernel_log.h"
#include "km_layers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#define OPTIONS 4096 /* mount(2) takes a page */

static void open_union(const struct km_layers *driver, const char *folder, long mib) {
    (void)driver;
    (void)folder;
    (void)mib;
}

static void make_union(const char *folder, int layer, int parent) {
    char path[128];
    if (parent != layer - 1)
        km_fail("a union's layer %d can't have layer %d for parent", layer, parent);
    for (const char *kind = "w"; kind; kind = *kind ? "" : NULL) {
        snprintf(path, sizeof path, "%s/%s%d", folder, kind, layer);
        km_must(km_folder(path), "mkdir of a layer");
    }
}

static void remove_union(const char *folder, int layer) {
    char path[128];
    for (const char *kind = "w"; kind; kind = *kind ? "" : NULL) {
        snprintf(path, sizeof path, "%s/%s%d", folder, kind, layer);
        km_must(km_remove(path), "remove a layer");
    }
}

/* Every layer below, the topmost first. */
static void add_lower(char *options, const char *folder, int layer, const char *separator, const char *kind) {
    for (int below = layer - 1; below > 0; below--) {
        size_t used = strlen(options);
        snprintf(options + used, OPTIONS - used, "%s%s/%d%s", below == layer - 1 ? "" : separator, folder,
                 km_is("break", "order") ? layer - below : below, kind);
    }
}

/* What this kernel has mounted once it can mount: that it refuses the same later is a fault. */
static void mount_with(const struct km_layers *driver, int layer, const char *root, const char *options) {
    static int most_mounted;
    char what[64];
    km_kernel_log_mark(driver->filesystem);
    if (mount(driver->filesystem, root, driver->filesystem, 0, options) == 0) {
        most_mounted = layer > most_mounted ? layer : most_mounted;
        return;
    }
    const char *why = strerror(errno), *log = km_kernel_log_since(driver->filesystem);
    snprintf(what, sizeof what, "%s: mount with %d lower layer%s", driver->filesystem, layer - 1,
             layer == 2 ? "" : "s");
    if (layer <= most_mounted)
        km_fail("%s, which worked before: %s%s", what, why, log);
    km_unsupported("%s: %s%s", what, why, log);
}

/* The first has nothing below it, which no union takes. */
static int mount_first(const char *folder, int layer, const char *root) {
    char path[128];
    snprintf(path, sizeof path, "%s/1", folder);
    if (layer == 1)
        km_must(mount(path, root, NULL, MS_BIND, NULL), "bind the first layer");
    return layer == 1;
}

static void mount_overlay(const struct km_layers *driver, const char *folder, int layer, const char *root) {
    static char options[OPTIONS];
    if (mount_first(folder, layer, root))
        return;
    snprintf(options, sizeof options, "lowerdir=");
    add_lower(options, folder, layer, ":", "");
    size_t used = strlen(options);
    used += (size_t)snprintf(options + used, sizeof options - used, ",upperdir=%s/%d", folder, layer);
    /* distributions merged overlayfs before 3.18 without a work folder */
    if (!strcmp(driver->filesystem, "overlay"))
        snprintf(options + used, sizeof options - used, ",workdir=%s/w%d", folder, layer);
    mount_with(driver, layer, root, options);
}

static void mount_aufs(const struct km_layers *driver, const char *folder, int layer, const char *root) {
    static char options[OPTIONS];
    if (mount_first(folder, layer, root))
        return;
    snprintf(options, sizeof options, "br:%s/%d=rw:", folder, layer);
    /* its whiteouts in a lower layer count only where it is told that there are some */
    add_lower(options, folder, layer, ":", "=ro+wh");
    mount_with(driver, layer, root, options);
}

#define UNION(driver, type, mounts)                                                                          \
    {                                                                                                        \
        .name = driver,                                                                                      \
        .filesystem = type,                                                                                  \
        .kind = KM_LAYERS_UNION,                                                                             \
        .open = open_union,                                                                                  \
        .make = make_union,                                                                                  \
        .mount = mounts,                                                                                     \
        .remove = remove_union,                                                                              \
    }

const struct km_layers km_layers_overlay = UNION("overlay", "overlay", mount_overlay);
const struct km_layers km_layers_overlay_before_3_18 = UNION("overlay", "overlayfs", mount_overlay);
const struct km_layers km_layers_overlayfs = UNION("overlayfs", "overlayfs", mount_overlay);
const struct km_layers km_layers_aufs = UNION("aufs", "aufs", mount_aufs);
