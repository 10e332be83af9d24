#include "km_swap.h"

#include "km_file.h"
#include "km_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/swap.h>
#include <unistd.h>

#define FOLDER "/run/km-swap"
#define DEVICE FOLDER "/device"
#define PAGE 4096

static int loop = -1;

/* swapon(2) takes only what mkswap(8) has marked: the header is the first page (union swap_header). */
static int mark(int file, uint32_t pages) {
    static char page[PAGE];
    uint32_t info[3] = {1, pages - 1, 0};
    memcpy(page + 1024, info, sizeof info);
    memcpy(page + PAGE - 10, "SWAPSPACE2", 10);
    return ftruncate(file, (off_t)pages * PAGE) < 0 ? -1 : km_write_all(file, page, sizeof page);
}

const char *km_swap_on(long mebibytes) {
    if (km_folder(FOLDER) < 0 || mount("km-swap", FOLDER, "ramfs", 0, NULL) < 0)
        return "mount of ramfs";
    int file = open(FOLDER "/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || mark(file, (uint32_t)(mebibytes << 8)) < 0)
        return "file of swap";
    if ((loop = km_loop_attach(file, DEVICE)) < 0)
        return "loop device";
    close(file);
    return swapon(DEVICE, 0) < 0 ? "swapon" : NULL;
}

void km_swap_off(void) {
    swapoff(DEVICE);
    if (loop >= 0)
        km_loop_detach(loop);
    loop = -1;
    umount2(FOLDER, MNT_DETACH);
}
