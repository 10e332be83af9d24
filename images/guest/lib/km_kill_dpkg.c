#include "km_kill_dpkg.h"

#include "km.h"
#include "km_file.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_SECONDS 600

/* The oldest process of that name; its children, which dpkg has for each archive, bear it, too, at first. */
static pid_t find_dpkg(void) {
    char path[64], stat[128];
    pid_t found = 0;
    struct dirent *entry;
    DIR *folder = opendir("/proc");
    while (folder && (entry = readdir(folder))) {
        pid_t pid = (pid_t)atoi(entry->d_name);
        snprintf(path, sizeof path, "/proc/%.20s/stat", entry->d_name);
        if (pid > 1 && km_read(path, stat, sizeof stat) > 0 && strstr(stat, "(dpkg)") &&
            (!found || pid < found))
            found = pid;
    }
    if (folder)
        closedir(folder);
    return found;
}

static int killed(void *list) {
    pid_t pid = km_exists(list) ? find_dpkg() : 0;
    return pid && kill(pid, SIGKILL) == 0;
}

void km_kill_dpkg(const char *package) {
    char list[128];
    snprintf(list, sizeof list, "/var/lib/dpkg/info/%s.list", package);
    pid_t pid = fork();
    km_must(pid, "fork of who kills dpkg");
    if (pid == 0)
        _exit(!km_wait_until(killed, list, PATIENCE_SECONDS));
}
