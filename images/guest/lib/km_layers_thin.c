/*
 * Thin provisioning (dm-thin, since 3.2): one pool, of two loop devices for metadata and data, with Docker's
 * block size; a layer is a thin device with ext4, and the next one a thin snapshot of it
 * (process_create_snap_mesg). Ext4 gets the features that it had by 2.6.32.
 */
#include "km.h"
#include "km_file.h"
#include "km_kernel_log.h"
#include "km_layers.h"
#include "km_loop.h"
#include "km_mapper.h"
#include "km_tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define POOL "km-pool"
#define POOL_NODE KM_TOOL_DEVICES "/km-pool"
#define DATA_NODE KM_TOOL_DEVICES "/km-thin-data"
#define METADATA_NODE KM_TOOL_DEVICES "/km-thin-metadata"
#define METADATA_MIB 8
#define SECTORS_PER_MIB 2048
#define BLOCK_SECTORS 128
#define LOG_WORD "device-mapper"
#define SIZE "size" /* of each thin device, in MiB: a file below the folder */

static void name_thin(int layer, char name[32], char node[48]) {
    snprintf(name, 32, "km-thin-%d", layer);
    snprintf(node, 48, KM_TOOL_DEVICES "/%s", name);
}

static const char *below(const char *folder, const char *name) {
    static char path[2][128];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void number_of(const char *node, char *out, size_t size) {
    struct stat about;
    km_must(stat(node, &about), node);
    snprintf(out, size, "%u:%u", major(about.st_rdev), minor(about.st_rdev));
}

static void make_pool(long mib) {
    char parameters[96], metadata[24], data[24];
    number_of(METADATA_NODE, metadata, sizeof metadata);
    number_of(DATA_NODE, data, sizeof data);
    /* "low water" 0: nobody waits for its event */
    snprintf(parameters, sizeof parameters, "%s %s %d 0 1 skip_block_zeroing", metadata, data, BLOCK_SECTORS);
    struct km_mapped pool = {POOL, "thin-pool", (unsigned long long)mib * SECTORS_PER_MIB, parameters,
                             POOL_NODE};
    km_kernel_log_mark(LOG_WORD);
    if (km_mapper_create(&pool) < 0)
        km_unsupported("devicemapper: a device of target thin-pool: %s%s", strerror(errno),
                       km_kernel_log_since(LOG_WORD));
}

static void open_thin(const struct km_layers *driver, const char *folder, long mib) {
    char text[16];
    (void)driver;
    int control = km_mapper_open();
    if (control < 0)
        km_unsupported("devicemapper: its control device: %s", strerror(errno));
    close(control);
    snprintf(text, sizeof text, "%ld", mib);
    km_must(km_write_new(below(folder, SIZE), text), "note a size");
    if (km_loop_make(below(folder, "metadata"), METADATA_MIB, METADATA_NODE) < 0 ||
        km_loop_make(below(folder, "data"), mib, DATA_NODE) < 0)
        km_unsupported("devicemapper: loop devices for it: %s", strerror(errno));
    make_pool(mib);
}

static void tell_pool(const char *what, int layer, int parent) {
    char text[64];
    int used = snprintf(text, sizeof text, "%s %d", what, layer);
    if (parent)
        snprintf(text + used, sizeof text - (size_t)used, " %d", parent);
    km_kernel_log_mark(LOG_WORD);
    if (km_mapper_message(POOL, text) < 0)
        km_fail("devicemapper: %s: %s%s", text, strerror(errno), km_kernel_log_since(LOG_WORD));
}

/* The device of a layer, which has one only while it is in use. */
static void activate(const char *folder, int layer) {
    char name[32], node[48], pool[24], parameters[48], text[16];
    long mib = 0;
    name_thin(layer, name, node);
    if (km_read(below(folder, SIZE), text, sizeof text) < 0 || sscanf(text, "%ld", &mib) != 1)
        km_fail("devicemapper: no size of thin devices: %s", strerror(errno));
    km_must(km_mapper_number(POOL, pool, sizeof pool), "devicemapper: the pool");
    snprintf(parameters, sizeof parameters, "%s %d", pool, layer);
    struct km_mapped thin = {name, "thin", (unsigned long long)mib * SECTORS_PER_MIB, parameters, node};
    km_kernel_log_mark(LOG_WORD);
    if (km_mapper_create(&thin) < 0)
        km_fail("devicemapper: a thin device: %s%s", strerror(errno), km_kernel_log_since(LOG_WORD));
}

static void release_thin(const char *folder, int layer) {
    char name[32], node[48];
    (void)folder;
    name_thin(layer, name, node);
    km_must(km_mapper_remove(name, node), "devicemapper: remove a thin device");
}

/* Written at once: what the kernel's ext4lazyinit does later would be a load of its own. */
static void make_ext4(int layer) {
    char name[32], node[48];
    name_thin(layer, name, node);
    char *const make[] = {
        "mkfs.ext4",
        "-q",
        "-F",
        "-b",
        "4096",
        "-i",
        "16384",
        "-J",
        "size=4",
        "-E",
        "nodiscard,lazy_itable_init=0,lazy_journal_init=0",
        "-O",
        "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,flex_bg,sparse_super,"
        "large_file,huge_file,uninit_bg,dir_nlink,extra_isize",
        node,
        NULL};
    km_tool(make);
}

static void make_thin(const char *folder, int layer, int parent) {
    tell_pool(parent ? "create_snap" : "create_thin", layer, parent);
    if (parent)
        return;
    activate(folder, layer);
    make_ext4(layer);
    release_thin(folder, layer);
}

static void mount_thin(const struct km_layers *driver, const char *folder, int layer, const char *root) {
    char name[32], node[48];
    (void)driver;
    name_thin(layer, name, node);
    activate(folder, layer);
    km_kernel_log_mark("EXT4");
    if (mount(node, root, "ext4", 0, NULL) < 0)
        km_fail("devicemapper: mount of ext4: %s%s", strerror(errno), km_kernel_log_since("EXT4"));
}

static void remove_thin(const char *folder, int layer) {
    (void)folder;
    tell_pool("delete", layer, 0);
}

static void close_thin(const char *folder) {
    km_must(km_mapper_remove(POOL, POOL_NODE), "devicemapper: remove the pool");
    km_must(km_loop_drop(below(folder, "data"), DATA_NODE), "devicemapper: detach the data's loop device");
    km_must(km_loop_drop(below(folder, "metadata"), METADATA_NODE),
            "devicemapper: detach the metadata's loop device");
}

const struct km_layers km_layers_devicemapper = {
    .name = "devicemapper",
    .filesystem = "ext4",
    .kind = KM_LAYERS_WHOLE,
    .open = open_thin,
    .make = make_thin,
    .mount = mount_thin,
    .release = release_thin,
    .remove = remove_thin,
    .close = close_thin,
};
