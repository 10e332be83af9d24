#ifndef KM_SQUASHFS_H
#define KM_SQUASHFS_H

/* The first two with errno. */
enum km_squashfs { KM_SQUASHFS_NO_DISK, KM_SQUASHFS_NOT_MOUNTED, KM_SQUASHFS_WRONG, KM_SQUASHFS_RIGHT };

/* Mounts an image of its own from a loop device, below the folder `base`, and reads the file in there. */
enum km_squashfs km_squashfs(const char *base);

#endif
