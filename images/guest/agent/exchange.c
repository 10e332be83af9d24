#include "exchange.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEVICES "/sys/bus/pci/devices"

/* Whether a file of a device begins with that text. */
static int says(const char *device, const char *file, const char *expected) {
    char path[128], text[16] = "";
    snprintf(path, sizeof path, DEVICES "/%.32s/%s", device, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    return got > 0 && !strncmp(text, expected, strlen(expected));
}

int exchange_open(void) {
    int fd = -1;
    DIR *devices = opendir(DEVICES);
    struct dirent *entry;
    while (devices && fd < 0 && (entry = readdir(devices))) {
        char path[128];
        if (!says(entry->d_name, "vendor", "0x1af4") || !says(entry->d_name, "device", "0x1110"))
            continue;
        snprintf(path, sizeof path, DEVICES "/%.32s/resource2", entry->d_name);
        fd = open(path, O_RDWR | O_CLOEXEC);
    }
    if (devices)
        closedir(devices);
    return fd;
}
