#include "km_roots.h"

#include "km.h"
#include "km_copy.h"
#include "km_file.h"
#include "km_layers.h"
#include "km_roots_store.h"
#include "km_userland.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define REPOSITORY "/kmatrix"
#define UNNEEDED "/etc/issue" /* a file that every userland has and nothing here reads */

struct driver {
    const char *name;
    /* As in /proc/filesystems. Where a name has several rows, the first one that the kernel has. */
    const char *filesystem;
    /* Of the union of base/upper (and base/work) over the userland; NULL: the userland is copied. */
    const char *options;
};

/* %1$s is base. A union's upper layer is in tmpfs: the disk can't be written. */
static const struct driver drivers[] = {
    {"plain", "tmpfs", NULL},
    /* a layer is a copy of its parent, and the userland is all parents that there are */
    {"vfs", "tmpfs", NULL},
    {"overlay", "overlay", "lowerdir=" KM_USERLAND ",upperdir=%1$s/upper,workdir=%1$s/work"},
    /* as distributions merged it before 3.18: no work folder, one lower layer */
    {"overlay", "overlayfs", "lowerdir=" KM_USERLAND ",upperdir=%1$s/upper"},
    {"overlayfs", "overlayfs", "lowerdir=" KM_USERLAND ",upperdir=%1$s/upper"},
    {"aufs", "aufs", "br:%1$s/upper=rw:" KM_USERLAND "=ro"},
};

static const struct driver *find(const char *name) {
    const struct driver *known = NULL;
    for (unsigned i = 0; i < sizeof drivers / sizeof *drivers; i++) {
        if (strcmp(drivers[i].name, name))
            continue;
        if (km_filesystem(drivers[i].filesystem))
            return &drivers[i];
        known = known ? known : &drivers[i];
    }
    if (!known)
        km_unsupported("storage driver %s: no root of a container can be made on it", name);
    km_unsupported("storage driver %s: %s is not in /proc/filesystems", name, known->filesystem);
}

void km_roots_require(const char *name) {
    if (km_roots_in_store(name))
        km_layers_find(name);
    else
        find(name);
}

int km_roots_are_copies(const char *name) {
    return !km_roots_in_store(name) && find(name)->options == NULL;
}

void km_roots_open(const char *name) {
    if (km_roots_in_store(name))
        km_roots_store_open(name);
}

void km_roots_remove(const char *name, const char *base) {
    if (km_roots_in_store(name))
        km_roots_store_remove(name, base);
}

void km_roots_close(const char *name) {
    if (km_roots_in_store(name))
        km_roots_store_close(name);
}

static void make_folder(const char *base, const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", base, name);
    km_must(km_folder(path), path);
}

static void copy_userland(const char *root) {
    /* pivot_root(2) wants a mount */
    km_must(mount(root, root, NULL, MS_BIND, NULL), "bind the container's root");
    km_must(km_copy(KM_USERLAND, root, KM_USERLAND REPOSITORY), "copy the userland");
}

/* A copy goes without it: nobody writes there. */
static void bind_repository(const char *root) {
    char path[160];
    snprintf(path, sizeof path, "%s" REPOSITORY, root);
    km_must(km_folder(path), path);
    km_must(mount(KM_USERLAND REPOSITORY, path, NULL, MS_BIND, NULL), "bind " REPOSITORY);
}

/* A file of the userland's can be taken away: overlayfs needs an upper layer with trusted xattrs for that,
 * which tmpfs has with TMPFS_XATTR. */
static void check_whiteout(const struct driver *driver, const char *root) {
    char path[160];
    snprintf(path, sizeof path, "%s" UNNEEDED, root);
    if (!km_exists(path))
        km_fail("%s: the userland does not show through", driver->filesystem);
    if (unlink(path) < 0)
        km_unsupported("%s: a file of the lower layer can't be deleted: %s", driver->filesystem,
                       strerror(errno));
    if (km_exists(path) || !km_exists(KM_USERLAND UNNEEDED))
        km_fail("%s: a delete is not one, or reached the lower layer", driver->filesystem);
}

static void mount_union(const struct driver *driver, const char *base, const char *root) {
    char options[512];
    make_folder(base, "upper");
    make_folder(base, "work");
    snprintf(options, sizeof options, driver->options, base);
    if (mount(driver->filesystem, root, driver->filesystem, 0, options) < 0)
        km_unsupported("%s: mount of %s: %s", driver->filesystem, options, strerror(errno));
    check_whiteout(driver, root);
}

void km_roots_make(const char *name, const char *base) {
    char root[128];
    const struct driver *driver = km_roots_in_store(name) ? NULL : find(name);
    km_must(mount("km-root", base, "tmpfs", 0, "mode=0755,size=90%"), "mount the container's tmpfs");
    make_folder(base, "root");
    snprintf(root, sizeof root, "%s/root", base);
    if (driver && driver->options) {
        mount_union(driver, base, root);
        return;
    }
    if (driver)
        copy_userland(root);
    else
        km_roots_store_mount(name, base, root);
    bind_repository(root);
}
