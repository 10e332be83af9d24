#include "km_roots_store.h"

#include "km.h"
#include "km_copy.h"
#include "km_file.h"
#include "km_layers.h"
#include "km_userland.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define FOLDER "/run/km-roots"
#define ROOT "/run/km-roots-base"
#define MIB 1024 /* of each layer, and of all: what isn't written takes no memory */
#define BASE 1   /* the layer with the userland's files */

static const char *const drivers[] = {"btrfs", "devicemapper", "zfs"};

int km_roots_in_store(const char *driver) {
    for (unsigned i = 0; i < sizeof drivers / sizeof *drivers; i++)
        if (!strcmp(drivers[i], driver))
            return 1;
    return 0;
}

/* The container's number is what its base ends with. */
static int layer_of(const char *base) {
    const char *digits = base + strlen(base);
    while (digits > base && digits[-1] >= '0' && digits[-1] <= '9')
        digits--;
    if (!*digits)
        km_fail("%s does not end with a container's number", base);
    return BASE + 1 + atoi(digits);
}

void km_roots_store_open(const char *name) {
    const struct km_layers *driver = km_layers_find(name);
    double start = km_now();
    km_layers_open(driver, FOLDER, MIB);
    driver->make(FOLDER, BASE, 0);
    km_must(km_folder(ROOT), "mkdir " ROOT);
    driver->mount(driver, FOLDER, BASE, ROOT);
    km_must(km_copy(KM_USERLAND, ROOT, KM_USERLAND "/kmatrix"), "copy the userland");
    km_must(km_folder(ROOT "/kmatrix"), "mkdir kmatrix");
    km_layers_unmount(driver, FOLDER, BASE, ROOT);
    km_sample("roots-store-seconds", km_now() - start);
}

void km_roots_store_mount(const char *name, const char *base, const char *root) {
    const struct km_layers *driver = km_layers_find(name);
    if (!km_mounted_at(FOLDER))
        km_fail("storage driver %s: no store was made (km_roots_open)", name);
    driver->make(FOLDER, layer_of(base), BASE);
    driver->mount(driver, FOLDER, layer_of(base), root);
}

void km_roots_store_remove(const char *name, const char *base) {
    const struct km_layers *driver = km_layers_find(name);
    if (driver->release)
        driver->release(FOLDER, layer_of(base));
    driver->remove(FOLDER, layer_of(base));
}

void km_roots_store_close(const char *name) {
    km_layers_close(km_layers_find(name), FOLDER);
    km_must(rmdir(ROOT), "rmdir " ROOT);
}
