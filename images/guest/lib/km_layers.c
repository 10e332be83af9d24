#include "km_layers.h"

#include "km.h"
#include "km_file.h"
#include "km_mapper.h"
#include "km_unmount.h"

#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static const struct km_layers *const drivers[] = {
    &km_layers_plain,     &km_layers_overlay,      &km_layers_overlay_before_3_18,
    &km_layers_overlayfs, &km_layers_aufs,         &km_layers_vfs,
    &km_layers_btrfs,     &km_layers_devicemapper, &km_layers_zfs,
};

const struct km_layers *km_layers_find(const char *name) {
    const struct km_layers *known = NULL;
    for (unsigned i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        if (strcmp(drivers[i]->name, name))
            continue;
        if (km_filesystem(drivers[i]->filesystem))
            return drivers[i];
        known = known ? known : drivers[i];
    }
    if (!known)
        km_fail("storage driver %s: there is no such driver", name);
    km_unsupported("storage driver %s: no %s in /proc/filesystems", name, known->filesystem);
}

void km_layers_open(const struct km_layers *driver, const char *folder, long mib) {
    km_must(km_folder(folder), folder);
    km_must(mount("km-layers", folder, "tmpfs", 0, "mode=0755,size=90%"), "mount the layers' tmpfs");
    driver->open(driver, folder, mib);
}

void km_layers_unmount(const struct km_layers *driver, const char *folder, int layer, const char *root) {
    km_unmount(root);
    if (driver->release)
        driver->release(folder, layer);
}

void km_layers_close(const struct km_layers *driver, const char *folder) {
    if (driver->close)
        driver->close(folder);
    km_unmount(folder);
    km_must(rmdir(folder), folder);
    int stay = driver == &km_layers_devicemapper ? km_mapper_count() : 0;
    km_must(stay, "devicemapper: its list of devices");
    if (stay)
        km_fail("devicemapper: %d devices stay", stay);
}
