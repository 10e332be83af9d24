#include "km_swap.h"

#include "km_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FOLDER "/run/km-swap"
#define DEVICE FOLDER "/device"
#define PAGE 4096

enum {
    LOOP_SET_FD = 0x4c00,
    LOOP_CLEAR_FD = 0x4c01,
    LOOP_GET_FREE = 0x4c82,
    LOOP_MAJOR = 7
}; /* linux/loop.h */

static int loop = -1;

/* swapon(2) takes only what mkswap(8) has marked: the header is the first page (union swap_header). */
static int mark(int file, uint32_t pages) {
    static char page[PAGE];
    uint32_t info[3] = {1, pages - 1, 0};
    memcpy(page + 1024, info, sizeof info);
    memcpy(page + PAGE - 10, "SWAPSPACE2", 10);
    return ftruncate(file, (off_t)pages * PAGE) < 0 ? -1 : km_write_all(file, page, sizeof page);
}

/* Loop devices are made on demand since 3.1; before, there are eight from the start. */
static int free_loop(void) {
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0)
        return 0;
    int number = ioctl(control, LOOP_GET_FREE);
    close(control);
    return number < 0 ? 0 : number;
}

const char *km_swap_on(long mebibytes) {
    if (km_folder(FOLDER) < 0 || mount("km-swap", FOLDER, "ramfs", 0, NULL) < 0)
        return "mount of ramfs";
    int file = open(FOLDER "/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || mark(file, (uint32_t)(mebibytes << 8)) < 0)
        return "file of swap";
    if (mknod(DEVICE, S_IFBLK | 0600, makedev(LOOP_MAJOR, free_loop())) < 0 ||
        (loop = open(DEVICE, O_RDWR | O_CLOEXEC)) < 0 || ioctl(loop, LOOP_SET_FD, file) < 0)
        return "loop device";
    close(file);
    return swapon(DEVICE, 0) < 0 ? "swapon" : NULL;
}

void km_swap_off(void) {
    swapoff(DEVICE);
    if (loop >= 0) {
        ioctl(loop, LOOP_CLEAR_FD);
        close(loop);
        loop = -1;
    }
    umount2(FOLDER, MNT_DETACH);
}
