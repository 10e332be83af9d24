/* What dpkg's own files say of packages, read without dpkg. For / as it is in a container. */
#ifndef KM_DPKG_H
#define KM_DPKG_H

#include <stddef.h>

/* Calls `see` for each package in /var/lib/dpkg/status; fails the workload where that can't be read. */
void km_dpkg_each(void (*see)(void *argument, const char *name, const char *status, const char *version),
                  void *argument);
/* The first package that is neither whole nor gone, as its name and status; 0 where there is none. */
int km_dpkg_unclean(char *out, size_t size);
/* 1 for the status of a package that is whole or gone. */
int km_dpkg_is_clean(const char *status);
/* The version of an installed package; "" where it isn't installed at all. */
void km_dpkg_version(const char *name, char *out, size_t size);
/* The first file of a package's (/kmatrix/sums/NAME) that is still there; 0 where all are gone. */
int km_dpkg_left(const char *name, char *out, size_t size);

#endif
