#include "km_unmount.h"

#include "km.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

static int last_error;

static int unmounted(void *path) {
    last_error = umount(path) < 0 ? errno : 0;
    return last_error != EBUSY;
}

/* Its last users may have ended a moment ago: what they had open is closed by the kernel in its own time. */
void km_unmount(const char *path) {
    km_wait_until(unmounted, (void *)path, 10);
    if (last_error)
        km_fail("umount %s: %s", path, strerror(last_error));
}
