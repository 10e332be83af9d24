#include "seed.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

/* Not sscanf: a machine just restored has to translate every instruction that it meets for the first time. */
static int hex_digit(char digit) {
    return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

void seed_machine(const struct json_member *members, int count) {
    char hex[65];
    unsigned char bytes[32];
    size_t length = 0;
    struct timeval now = {json_whole(json_find(members, count, "time")), 0};
    if (now.tv_sec > 0)
        settimeofday(&now, NULL);
    if (json_text(json_find(members, count, "entropy"), hex, sizeof hex) < 0)
        return;
    for (const char *at = hex; length < sizeof bytes && at[0] && at[1]; at += 2) {
        int high = hex_digit(at[0]), low = hex_digit(at[1]);
        if (high < 0 || low < 0) {
            printf("agent: entropy is no hexadecimal\n");
            return;
        }
        bytes[length++] = (unsigned char)(high << 4 | low);
    }
    int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, bytes, length) < 0)
        printf("agent: /dev/urandom takes no entropy\n");
    close(fd);
}
