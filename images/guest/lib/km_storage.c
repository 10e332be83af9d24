#include "km_storage.h"

#include "km.h"
#include "km_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *join(char *out, size_t size, const char *base, const char *name) {
    snprintf(out, size, "%s/%s", base, name);
    return out;
}

int km_storage_prepare(const char *base) {
    static const char *const folders[] = {"", "lower", "upper", "work", "root", "lower/dir"};
    static const char *const files[][2] = {
        {"lower/base", "lower\n"}, {"lower/gone", "gone\n"}, {"lower/dir/inner", "inner\n"}};
    char path[256];
    for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++)
        if (km_folder(join(path, sizeof path, base, folders[i])) < 0)
            return -1;
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
        if (km_write_new(join(path, sizeof path, base, files[i][0]), files[i][1]) < 0)
            return -1;
    return 0;
}

const char *km_storage_filesystem(const char *driver) {
    if (!strcmp(driver, "plain"))
        return "tmpfs";
    if (!strcmp(driver, "overlay"))
        return km_filesystem("overlay") ? "overlay" : km_filesystem("overlayfs") ? "overlayfs" : NULL;
    return km_filesystem(driver) ? driver : NULL;
}

void km_storage_require(const char *driver) {
    static const char *const known[] = {"plain", "overlay", "overlayfs", "aufs"};
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i], driver)) {
            if (!km_storage_filesystem(driver))
                km_unsupported("storage driver %s: not in /proc/filesystems", driver);
            return;
        }
    km_unsupported("storage driver %s: this workload has no root of it", driver);
}

int km_storage_mount(const char *driver, const char *base) {
    const char *type = km_storage_filesystem(driver);
    char root[256], options[900] = "";
    if (!type) {
        errno = ENODEV;
        return -1;
    }
    if (!strcmp(type, "overlay"))
        snprintf(options, sizeof options, "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work", base, base,
                 base);
    else if (!strcmp(type, "overlayfs"))
        snprintf(options, sizeof options, "lowerdir=%s/lower,upperdir=%s/upper", base, base);
    else if (!strcmp(type, "aufs"))
        snprintf(options, sizeof options, "br:%s/upper=rw:%s/lower=ro", base, base);
    return mount(type, join(root, sizeof root, base, "root"), type, 0, options);
}

/* 1 if the file holds exactly this. */
static int holds(const char *base, const char *name, const char *text) {
    char path[256], found[64];
    return km_read(join(path, sizeof path, base, name), found, sizeof found) >= 0 && !strcmp(found, text);
}

static int there(const char *base, const char *name) {
    char path[256];
    return km_exists(join(path, sizeof path, base, name));
}

const char *km_union_wrong(const char *base) {
    char from[256], to[256];
    if (!holds(base, "root/base", "lower\n") || !holds(base, "root/dir/inner", "inner\n"))
        return "the lower layer does not show through";
    if (km_write_new(join(to, sizeof to, base, "root/base"), "upper\n") < 0 ||
        !holds(base, "root/base", "upper\n"))
        return "a file of the lower layer can't be written";
    if (!holds(base, "lower/base", "lower\n") || !holds(base, "upper/base", "upper\n"))
        return "copy-up changed the lower layer, or left the upper one alone";
    if (unlink(join(to, sizeof to, base, "root/gone")) < 0 || there(base, "root/gone"))
        return "a deleted file of the lower layer is still there";
    if (!holds(base, "lower/gone", "gone\n"))
        return "a delete reached the lower layer";
    join(from, sizeof from, base, "root/dir/inner");
    join(to, sizeof to, base, "root/dir/moved");
    if (rename(from, to) < 0 || !holds(base, "root/dir/moved", "inner\n") || there(base, "root/dir/inner"))
        return "rename of a file of the lower layer fails";
    return holds(base, "lower/dir/inner", "inner\n") ? 0 : "a rename reached the lower layer";
}
