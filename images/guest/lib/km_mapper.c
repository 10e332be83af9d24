#include "km_mapper.h"

#include "km.h"
#include "km_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CONTROL "/dev/km-mapper"

/* linux/dm-ioctl.h */
struct mapper {
    uint32_t version[3], size, start, targets, opened, flags, event, padding;
    uint64_t device;
    char name[128], uuid[129], data[7];
};
struct version {
    uint32_t next, version[3];
    char name[16];
};
struct target {
    uint64_t start, sectors;
    int32_t status;
    uint32_t next;
    char name[16], parameters[256];
};
struct message {
    uint64_t sector;
    char text[256];
};
struct device {
    uint64_t device;
    uint32_t next;
};

#define LIST_DEVICES _IOWR(0xfd, 2, struct mapper)
#define CREATE _IOWR(0xfd, 3, struct mapper)
#define REMOVE _IOWR(0xfd, 4, struct mapper)
#define RESUME _IOWR(0xfd, 6, struct mapper) /* DM_DEV_SUSPEND without its flag */
#define STATUS _IOWR(0xfd, 7, struct mapper)
#define LOAD _IOWR(0xfd, 9, struct mapper)
#define LIST_VERSIONS _IOWR(0xfd, 13, struct mapper)
#define MESSAGE _IOWR(0xfd, 14, struct mapper)

static union request {
    struct mapper head;
    char bytes[16384];
} request;

int km_mapper_open(void) {
    static char misc[4096];
    int minor;
    if (km_read("/proc/misc", misc, sizeof misc) < 0)
        return -1;
    char *found = strstr(misc, " device-mapper\n");
    errno = ENODEV;
    if (!found)
        return -1;
    while (found > misc && found[-1] != '\n')
        found--;
    errno = EPROTO;
    if (sscanf(found, "%d", &minor) != 1)
        return -1;
    if (mknod(CONTROL, S_IFCHR | 0600, makedev(10 /* misc */, (unsigned)minor)) < 0 && errno != EEXIST)
        return -1;
    int control = open(CONTROL, O_RDWR | O_CLOEXEC);
    if (control < 0 && errno == ENODEV)
        errno = EPROTO; /* it is listed */
    return control;
}

static void prepare(const char *name) {
    memset(&request, 0, sizeof request);
    request.head =
        (struct mapper){.version = {4, 0, 0}, .size = sizeof request, .start = sizeof request.head};
    snprintf(request.head.name, sizeof request.head.name, "%s", name);
}

static int ask(unsigned long what) {
    int control = km_mapper_open();
    if (control < 0)
        return -1;
    int result = ioctl(control, (int)what, &request), error = errno;
    close(control);
    errno = error;
    return result;
}

int km_mapper_has_target(int control, const char *name) {
    prepare("");
    if (ioctl(control, (int)LIST_VERSIONS, &request) < 0)
        return -1;
    for (uint32_t at = request.head.start; at + sizeof(struct version) <= sizeof request;) {
        const struct version *listed = (const struct version *)(request.bytes + at);
        if (!strncmp(listed->name, name, sizeof listed->name))
            return 1;
        if (!listed->next)
            return 0;
        at += listed->next;
    }
    return 0;
}

static int load(const struct km_mapped *mapped) {
    struct target *target = (struct target *)(request.bytes + sizeof request.head);
    prepare(mapped->name);
    request.head.targets = 1;
    target->sectors = mapped->sectors;
    snprintf(target->name, sizeof target->name, "%s", mapped->target);
    snprintf(target->parameters, sizeof target->parameters, "%s", mapped->parameters);
    return ask(LOAD);
}

static int resume(const char *name) {
    prepare(name);
    return ask(RESUME);
}

int km_mapper_create(const struct km_mapped *mapped) {
    prepare(mapped->name);
    if (ask(CREATE) < 0)
        return -1;
    dev_t device = (dev_t)request.head.device; /* of few devices: as mknod(2) takes it */
    unlink(mapped->node);
    if (load(mapped) == 0 && resume(mapped->name) == 0 && mknod(mapped->node, S_IFBLK | 0600, device) == 0)
        return 0;
    int error = errno;
    prepare(mapped->name);
    ask(REMOVE);
    errno = error;
    return -1;
}

static int removed(void *name) {
    prepare(name);
    return ask(REMOVE) == 0 || errno != EBUSY;
}

int km_mapper_remove(const char *name, const char *node) {
    unlink(node);
    if (!km_wait_until(removed, (void *)name, 10)) {
        errno = EBUSY;
        return -1;
    }
    prepare(name);
    if (ask(STATUS) == 0) {
        errno = EEXIST;
        return -1;
    }
    return errno == ENXIO ? 0 : -1;
}

int km_mapper_message(const char *name, const char *text) {
    prepare(name);
    struct message *message = (struct message *)(request.bytes + sizeof request.head);
    snprintf(message->text, sizeof message->text, "%s", text);
    return ask(MESSAGE);
}

int km_mapper_number(const char *name, char *out, unsigned size) {
    prepare(name);
    if (ask(STATUS) < 0)
        return -1;
    snprintf(out, size, "%u:%u", major((dev_t)request.head.device), minor((dev_t)request.head.device));
    return 0;
}

int km_mapper_count(void) {
    int count = 0;
    prepare("");
    if (ask(LIST_DEVICES) < 0)
        return errno == ENODEV ? 0 : -1;
    for (uint32_t at = request.head.start; at + sizeof(struct device) <= sizeof request;) {
        const struct device *listed = (const struct device *)(request.bytes + at);
        count += listed->device != 0;
        if (!listed->next)
            break;
        at += listed->next;
    }
    return count;
}
