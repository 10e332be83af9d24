#include "seed.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

void seed_machine(const struct json_member *members, int count) {
    char hex[65];
    unsigned char bytes[32];
    size_t length = 0;
    struct timeval now = {json_whole(json_find(members, count, "time")), 0};
    if (now.tv_sec > 0)
        settimeofday(&now, NULL);
    if (json_text(json_find(members, count, "entropy"), hex, sizeof hex) < 0)
        return;
    for (const char *at = hex; length < sizeof bytes && strlen(at) >= 2; at += 2) {
        unsigned value;
        if (sscanf(at, "%2x", &value) != 1)
            return;
        bytes[length++] = (unsigned char)value;
    }
    int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, bytes, length) < 0)
        printf("agent: /dev/urandom takes no entropy\n");
    close(fd);
}
