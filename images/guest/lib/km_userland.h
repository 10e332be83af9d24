/* A userland: the machine's first disk, a squashfs with a distribution's root and packages to install. */
#ifndef KM_USERLAND_H
#define KM_USERLAND_H

#define KM_USERLAND "/userland"
#define KM_PACKAGES                                                                                          \
    "/kmatrix/packages" /* below the userland's root: NAME VERSION RAISED_VERSION, a line each */
#define KM_PACKAGES_MAX 24

struct km_package {
    char name[48], first[80], raised[96];
};

/* Mounts it at KM_USERLAND, read-only; unsupported where the kernel lacks a driver or the file system. */
void km_userland_mount(void);
/* Reads the packages below `root` ("" for /); their number. Fails the workload where the list is none. */
int km_userland_packages(const char *root, struct km_package *table);

#endif
