/* Layers that need no driver: whole copies, and for comparison a single file system without layers. */
#include "km.h"
#include "km_copy.h"
#include "km_file.h"
#include "km_layers.h"

#include <stdio.h>
#include <sys/mount.h>

static void open_none(const struct km_layers *driver, const char *folder, long mib) {
    (void)driver;
    (void)folder;
    (void)mib;
}

static const char *layer_at(const char *folder, int layer) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%d", folder, layer);
    return path;
}

static void make_copy(const char *folder, int layer, int parent) {
    char from[128];
    snprintf(from, sizeof from, "%s/%d", folder, parent);
    km_must(km_folder(layer_at(folder, layer)), "mkdir of a layer");
    if (parent)
        km_must(km_copy(from, layer_at(folder, layer), NULL), "copy a layer");
}

static void mount_copy(const struct km_layers *driver, const char *folder, int layer, const char *root) {
    (void)driver;
    km_must(mount(layer_at(folder, layer), root, NULL, MS_BIND, NULL), "bind a layer");
}

static void remove_copy(const char *folder, int layer) {
    km_must(km_remove(layer_at(folder, layer)), "remove a layer");
}

static void make_one(const char *folder, int layer, int parent) {
    (void)parent;
    if (layer == 1)
        km_must(km_folder(layer_at(folder, 1)), "mkdir of the layer");
}

static void mount_one(const struct km_layers *driver, const char *folder, int layer, const char *root) {
    (void)layer;
    mount_copy(driver, folder, 1, root);
}

static void remove_one(const char *folder, int layer) {
    if (layer == 1)
        remove_copy(folder, 1);
}

const struct km_layers km_layers_vfs = {
    .name = "vfs",
    .filesystem = "tmpfs",
    .kind = KM_LAYERS_WHOLE,
    .open = open_none,
    .make = make_copy,
    .mount = mount_copy,
    .remove = remove_copy,
};

const struct km_layers km_layers_plain = {
    .name = "plain",
    .filesystem = "tmpfs",
    .kind = KM_LAYERS_ONE,
    .open = open_none,
    .make = make_one,
    .mount = mount_one,
    .remove = remove_one,
};
