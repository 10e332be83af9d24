/* Storage drivers: a root for a container below `base`, and what a union of layers must do. */
#ifndef KM_STORAGE_H
#define KM_STORAGE_H

/* base/{lower,upper,work,root} with a few files in lower; 0 or -1 with errno. */
int km_storage_prepare(const char *base);
/* Mounts base/root: plain (tmpfs), overlay, overlayfs (Ubuntu's, without a work folder) or aufs; 0 or -1 with
 * errno. */
int km_storage_mount(const char *driver, const char *base);
/* Ends the workload as unsupported where the kernel or km_storage_mount() has no such driver. */
void km_storage_require(const char *driver);
/* The file system behind a driver's name: overlay may be overlayfs. NULL where the kernel lists none. */
const char *km_storage_filesystem(const char *driver);
/* Lower shows through, copy-up, whiteout and rename leave lower alone: NULL, or the first thing that is
 * wrong. */
const char *km_union_wrong(const char *base);

#endif
