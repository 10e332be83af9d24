#include "km_module.h"

#include "km.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OFFERED "/offered"

/* /proc/modules has _ where file names may have -. */
static int same_name(const char *listed, const char *name) {
    for (; *listed && *name; listed++, name++)
        if (*listed != *name && (*listed != '_' || *name != '-'))
            return 0;
    return !*listed && !*name;
}

static int is_loaded(const char *name) {
    char line[512], listed[64];
    int found = 0;
    FILE *list = fopen("/proc/modules", "r");
    while (list && !found && fgets(line, sizeof line, list))
        found = sscanf(line, "%63s", listed) == 1 && same_name(listed, name);
    if (list)
        fclose(list);
    return found;
}

/* 0 or -1 with errno. finit_module(2) came with 3.8. */
static int insert(const char *path) {
    struct stat about;
    void *bytes = MAP_FAILED;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &about) == 0)
        bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (fd >= 0)
        close(fd);
    if (bytes == MAP_FAILED)
        return -1;
    int error = syscall(SYS_init_module, bytes, (unsigned long)about.st_size, "") < 0 ? errno : 0;
    munmap(bytes, (size_t)about.st_size);
    errno = error;
    return error && error != EEXIST ? -1 : 0;
}

struct km_module km_module(const char *name) {
    char path[160], file[100], why[120] = "it names no file";
    struct km_module module = {NULL, ""};
    int result = -1;
    if (is_loaded(name)) {
        module.loaded = name;
        return module;
    }
    snprintf(path, sizeof path, OFFERED "/%s", name);
    FILE *order = fopen(path, "r");
    if (!order && errno == ENOENT)
        return module;
    if (!order)
        snprintf(why, sizeof why, "%s", strerror(errno));
    /* what it needs may be there in another form (a cipher for another CPU): its own word counts, the last
     * one's */
    while (order && fgets(file, sizeof file, order)) {
        file[strcspn(file, "\n")] = 0;
        snprintf(path, sizeof path, OFFERED "/%s", file);
        result = insert(path);
        if (result < 0)
            snprintf(why, sizeof why, "%.60s: %s", file, strerror(errno));
    }
    if (order)
        fclose(order);
    if (result == 0) {
        module.loaded = name;
        return module;
    }
    snprintf(module.failed, sizeof module.failed, "module %.60s doesn't load; %s", name, why);
    km_note("%s", module.failed);
    return module;
}
