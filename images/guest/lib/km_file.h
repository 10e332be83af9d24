#ifndef KM_FILE_H
#define KM_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Writes all of text into an existing (or, for _new, a fresh) file; 0 or -1 with errno. */
int km_write(const char *path, const char *text);
int km_write_new(const char *path, const char *text);
/* The start of a file as a string; its length, or -1 with errno. */
ssize_t km_read(const char *path, char *out, size_t size);
/* read(2) and write(2) of exactly that much; 0 or -1. */
int km_read_all(int fd, void *bytes, size_t length);
int km_write_all(int fd, const void *bytes, size_t length);
/* Removes a tree; 0, or -1 with the errno of the first thing that stayed. */
int km_remove(const char *path);
int km_exists(const char *path);
/* mkdir -p without the -p: an existing folder is fine. */
int km_folder(const char *path);
/* Lines of /proc/self/mounts; -1 without /proc. */
int km_mount_count(void);
int km_mounted_at(const char *folder);
/* 1 if /proc/filesystems lists it. */
int km_filesystem(const char *name);
/* The number after KEY: in /proc/meminfo, in KiB; -1 if absent. */
long km_meminfo(const char *key);

#endif
