#include "km_loop.h"

#include "km.h"
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
    LOOP_GET_STATUS64 = 0x4c05,
    LOOP_GET_FREE = 0x4c82,
    LOOP_MAJOR = 7,
    LOOPS = 8 /* there from the start, before 3.1 */
}; /* linux/loop.h */

#define STATUS_BYTES 512 /* of struct loop_info64: 232 */

/* Loop devices are made on demand since 3.1: the number of a free one, or -1. */
static int free_loop(void) {
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0)
        return -1;
    int number = ioctl(control, LOOP_GET_FREE);
    close(control);
    return number;
}

static int attach_to(int number, int file, const char *node) {
    unlink(node);
    if (mknod(node, S_IFBLK | 0600, makedev(LOOP_MAJOR, number)) < 0)
        return -1;
    int device = open(node, O_RDWR | O_CLOEXEC);
    if (device < 0 || ioctl(device, LOOP_SET_FD, file) == 0)
        return device;
    int error = errno;
    close(device);
    errno = error;
    return -1;
}

int km_loop_attach(int file, const char *node) {
    km_module("loop");
    int number = free_loop(), device = attach_to(number < 0 ? 0 : number, file, node);
    for (int next = 1; number < 0 && device < 0 && errno == EBUSY && next < LOOPS; next++)
        device = attach_to(next, file, node);
    return device;
}

void km_loop_detach(int device) {
    ioctl(device, LOOP_CLEAR_FD);
    close(device);
}

int km_loop_make(const char *path, long mib, const char *node) {
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return -1;
    int device = ftruncate(file, (off_t)mib << 20) < 0 ? -1 : km_loop_attach(file, node), error = errno;
    close(file);
    if (device >= 0)
        close(device);
    errno = error;
    return device < 0 ? -1 : 0;
}

/* 1 if no file is behind it any more. One in use says EBUSY, or, since a1ecac3b0656, goes when its last user
 * closes it. */
static int detached(void *node) {
    static char status[STATUS_BYTES];
    int device = open(node, O_RDWR | O_CLOEXEC);
    if (device < 0)
        return 0;
    int gone = ioctl(device, LOOP_GET_STATUS64, status) < 0 && errno == ENXIO;
    if (!gone)
        ioctl(device, LOOP_CLEAR_FD);
    close(device);
    return gone;
}

int km_loop_drop(const char *file, const char *node) {
    if (!km_wait_until(detached, (void *)node, 10)) {
        errno = EBUSY;
        return -1;
    }
    return unlink(node) < 0 || unlink(file) < 0 ? -1 : 0;
}
