#include "modules.h"

#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct list {
    char *json;
    size_t size, used;
    int omitted;
};

static void list_add(struct list *list, const char *text) {
    char escaped[200];
    json_escape(text, escaped, sizeof escaped);
    size_t need = strlen(escaped) + 3;
    if (list->used + need + 24 > list->size) {
        list->omitted++;
        return;
    }
    list->used += (size_t)sprintf(list->json + list->used, "%s\"%s\"", list->used > 1 ? "," : "", escaped);
}

static void list_end(struct list *list) {
    if (list->omitted)
        list->used += (size_t)sprintf(list->json + list->used, ",\"and %d more\"", list->omitted);
    strcpy(list->json + list->used, "]");
}

/* 0, or the errno. A module that is there already (EEXIST) is loaded. */
static int load(const char *path) {
    struct stat about;
    int fd = open(path, O_RDONLY), error = 0;
    if (fd < 0)
        return errno;
    if (fstat(fd, &about) < 0) {
        error = errno;
        close(fd);
        return error;
    }
    size_t length = (size_t)about.st_size;
    void *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return errno;
    if (syscall(SYS_init_module, bytes, length, "") < 0 && errno != EEXIST)
        error = errno;
    munmap(bytes, length);
    return error;
}

void modules_load(struct module_lists *lists) {
    struct list loaded = {lists->loaded, sizeof lists->loaded, 1, 0};
    struct list failed = {lists->failed, sizeof lists->failed, 1, 0};
    char name[128], path[160], text[240];
    FILE *order = fopen("/modules/order", "r");
    lists->loaded[0] = lists->failed[0] = '[';
    while (order && fgets(name, sizeof name, order)) {
        name[strcspn(name, "\r\n")] = 0;
        if (!*name || strchr(name, '/'))
            continue;
        snprintf(path, sizeof path, "/modules/%s", name);
        int error = load(path);
        snprintf(text, sizeof text, error ? "%s: %s" : "%s", name, strerror(error));
        list_add(error ? &failed : &loaded, text);
    }
    if (order)
        fclose(order);
    list_end(&loaded);
    list_end(&failed);
}
