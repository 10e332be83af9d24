#include "km_namespaces.h"

#include "km.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void km_namespaces_require(unsigned long flags) {
    static const struct {
        unsigned long flag;
        const char *name;
    } kinds[] = {{CLONE_NEWPID, "PID_NS"},
                 {CLONE_NEWNS, "mount namespaces"},
                 {CLONE_NEWUTS, "UTS_NS"},
                 {CLONE_NEWIPC, "IPC_NS"},
                 {CLONE_NEWNET, "NET_NS"}};
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!(flags & kinds[i].flag))
            continue;
        pid_t pid = km_clone(kinds[i].flag);
        if (pid == 0)
            _exit(0);
        if (pid < 0)
            km_unsupported("%s: clone: %s", kinds[i].name, strerror(errno));
        km_end_as(km_wait(pid), kinds[i].name);
    }
}
