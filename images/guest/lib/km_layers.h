/*
 * Layers as storage drivers keep them, below one folder, numbered from 1. What an image's layers are to
 * Docker: each but the first begins with what the one before it shows, and can be written while it is the
 * top. All state is in the kernel and in files, so that one process goes on with what another began.
 */
#ifndef KM_LAYERS_H
#define KM_LAYERS_H

struct km_layers {
    const char *name;       /* of the driver, as in storage=NAME */
    const char *filesystem; /* as in /proc/filesystems; where a name has several rows, the first there */
    enum {
        KM_LAYERS_ONE,   /* all layers are one and the same file system */
        KM_LAYERS_UNION, /* folder/N has what differs; those below show through */
        KM_LAYERS_WHOLE  /* each has all files, in a copy or a snapshot of its parent */
    } kind;
    /* Each fails the workload, or ends it as unsupported with the kernel's own reason. */
    /* Once per machine; so many MiB at most for all layers. */
    void (*open)(const struct km_layers *, const char *folder, long mib);
    /* An empty layer (parent 0), or one that begins as its parent. A union's parent is the number before it.
     */
    void (*make)(const char *folder, int layer, int parent);
    /* At `root`, writable. */
    void (*mount)(const struct km_layers *, const char *folder, int layer, const char *root);
    /* After `root` was unmounted; NULL where nothing is left to do. */
    void (*release)(const char *folder, int layer);
    void (*remove)(const char *folder, int layer);
    /* Also what layers there still are; nothing of the driver's stays. NULL where there is nothing to do. */
    void (*close)(const char *folder);
};

extern const struct km_layers km_layers_plain, km_layers_overlay, km_layers_overlay_before_3_18,
    km_layers_overlayfs, km_layers_aufs, km_layers_vfs, km_layers_btrfs, km_layers_devicemapper,
    km_layers_zfs;

/* Ends the workload as unsupported where the kernel has no such driver. */
const struct km_layers *km_layers_find(const char *name);
/* The folder becomes a tmpfs: all that layers are made of is in memory. */
void km_layers_open(const struct km_layers *driver, const char *folder, long mib);
void km_layers_unmount(const struct km_layers *driver, const char *folder, int layer, const char *root);
/* Unmounts the folder; fails the workload where a loop device or one of the mapper stays. */
void km_layers_close(const struct km_layers *driver, const char *folder);

#endif
