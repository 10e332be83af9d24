/* Loop devices, with the module loaded where the kernel has it as one. */
#ifndef KM_LOOP_H
#define KM_LOOP_H

/* Attaches a file to a free device, whose node is made at `node`; its descriptor, or -1 with errno. */
int km_loop_attach(int file, const char *node);
void km_loop_detach(int device);

#endif
