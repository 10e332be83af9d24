/*
 * Known-bad control: all CPUs spin with interrupts off (module kmatrix_bad). Nothing moves in this machine
 * again, and the harness has to tell that from a slow machine.
 */
#include "km.h"
#include "km_file.h"

#include <errno.h>
#include <string.h>

int main(int argc, char **argv) {
    km_args(argc, argv);
    if (!km_exists("/proc/kmatrix_bad"))
        km_unsupported("the known-bad module is not loaded: no /proc/kmatrix_bad");
    km_note("freezing");
    km_sleep_ms(300); /* lets the line out: an interrupt sends it */
    km_write("/proc/kmatrix_bad", "freeze");
    km_fail("the machine goes on after freeze: %s", strerror(errno));
}
