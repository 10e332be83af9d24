#ifndef KM_ROOTS_STORE_H
#define KM_ROOTS_STORE_H

/* Roots of containers in a store of layers: what km_roots.h says of such drivers. */

/* 1 if the driver keeps a store. */
int km_roots_in_store(const char *driver);
void km_roots_store_open(const char *driver);
/* Mounts a layer of the container's own at `root`. */
void km_roots_store_mount(const char *driver, const char *base, const char *root);
void km_roots_store_remove(const char *driver, const char *base);
void km_roots_store_close(const char *driver);

#endif
