/*
 * PID 1 of a kmatrix machine: prepares it, says ready on ttyS1, then does what frames say (../PROTOCOL.md).
 * As a normal program, `agent --calibrate` prints the nanoseconds of the calibration loop.
 */
#include "calibrate.h"
#include "frames.h"
#include "heartbeat.h"
#include "json.h"
#include "modules.h"
#include "mounts.h"
#include "root.h"
#include "serial.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

/* In /run, mapped by all three; a workload inherits the descriptor (km_page.h). */
static struct km_page *page_make(void) {
    int fd = open("/run/kmatrix.page", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, KM_PAGE_SIZE) < 0)
        return NULL;
    void *page = mmap(NULL, KM_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return page == MAP_FAILED ? NULL : page;
}

/* PID 1 must not end, or the kernel panics and the panic would look like the kernel's own doing. */
static void give_up(const char *what) {
    printf("agent: %s: %s\n", what, strerror(errno));
    fflush(stdout);
    session_poweroff(-1);
}

int main(int argc, char **argv) {
    static struct module_lists modules;
    struct session session = {.modules = &modules};
    if (argc == 2 && !strcmp(argv[1], "--calibrate"))
        return printf("%lld\n", calibrate_ns()) < 0;
    if (getpid() != 1) {
        fprintf(stderr, "usage: agent --calibrate (without arguments it is PID 1 of a machine)\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    modules_load(&modules); /* first: a copied root need not hold them */
    root_make_pivotable();
    mounts_make();
    sysctls_write();
    if (!(session.page = page_make()))
        give_up("/run/kmatrix.page");
    if ((session.writer.fd = serial_open()) < 0)
        give_up("/dev/ttyS1");
    session.calibration_ns = calibrate_ns();
    session_run(&session);
}
