#ifndef KM_COPY_H
#define KM_COPY_H

/*
 * Copies what is in the folder `from` into the folder `to`, with modes, owners and hard links, and of files
 * their times, but for `without` (a path below `from`, or NULL) and other file systems; 0, or -1 with errno.
 * Not for two threads.
 */
int km_copy(const char *from, const char *to, const char *without);

#endif
