/*
 * Known-bad control: a real crash by SysRq c (sysrq_handle_crash), after `after=` iterations of nothing. The
 * process has not crashed the kernel unless panic_on_oops is set, so the SysRq is used as kdump's users do:
 * with it set.
 */
#include "km.h"
#include "km_file.h"

#include <errno.h>
#include <string.h>

int main(int argc, char **argv) {
    km_args(argc, argv);
    if (!km_exists("/proc/sysrq-trigger"))
        km_unsupported("SysRq: no /proc/sysrq-trigger");
    /* before 5.x the trigger dereferences NULL, an oops of this process; a panic is what is asked for */
    if (km_write("/proc/sys/kernel/panic_on_oops", "1") < 0)
        km_fail("panic_on_oops: %s", strerror(errno));
    km_write("/proc/sysrq-trigger", "c");
    km_fail("the machine goes on after SysRq c: %s", strerror(errno));
}
