/* Loop devices, with the module loaded where the kernel has it as one. */
#ifndef KM_LOOP_H
#define KM_LOOP_H

/* Attaches a file to a free device, whose node is made at `node`; its descriptor, or -1 with errno. */
int km_loop_attach(int file, const char *node);
void km_loop_detach(int device);

/* A sparse file of so many MiB behind a node; 0, or -1 with errno. */
int km_loop_make(const char *file, long mib, const char *node);
/* Detaches it and removes node and file; 0, or -1 with errno where it is still in use after 10 s. */
int km_loop_drop(const char *file, const char *node);

#endif
