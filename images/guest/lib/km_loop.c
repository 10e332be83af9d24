#include "km_loop.h"

#include "km_module.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
    LOOP_SET_FD = 0x4c00,
    LOOP_CLEAR_FD = 0x4c01,
    LOOP_GET_FREE = 0x4c82,
    LOOP_MAJOR = 7
}; /* linux/loop.h */

/* Loop devices are made on demand since 3.1; before, there are eight from the start. */
static int free_loop(void) {
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0)
        return 0;
    int number = ioctl(control, LOOP_GET_FREE);
    close(control);
    return number < 0 ? 0 : number;
}

int km_loop_attach(int file, const char *node) {
    km_module("loop");
    if (mknod(node, S_IFBLK | 0600, makedev(LOOP_MAJOR, free_loop())) < 0)
        return -1;
    int device = open(node, O_RDWR | O_CLOEXEC);
    if (device < 0 || ioctl(device, LOOP_SET_FD, file) == 0)
        return device;
    int error = errno;
    close(device);
    errno = error;
    return -1;
}

void km_loop_detach(int device) {
    ioctl(device, LOOP_CLEAR_FD);
    close(device);
}
