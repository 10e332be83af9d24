#ifndef KM_UNMOUNT_H
#define KM_UNMOUNT_H

/* umount(2), tried for 10 s where it is in use; fails the workload if it stays mounted. */
void km_unmount(const char *path);

#endif
