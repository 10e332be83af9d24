#include "text.h"
#include "kernel.h"

size_t length_of(const char *text) {
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

int begins(const char *text, const char *with) {
    while (*with != '\0')
        if (*text++ != *with++)
            return 0;
    return 1;
}

char *put_text(char *to, const char *text) {
    while (*text != '\0')
        *to++ = *text++;
    *to = '\0';
    return to;
}

char *put_number(char *to, uint64_t value) {
    char digits[20];
    int count = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    while (count > 0)
        *to++ = digits[--count];
    *to = '\0';
    return to;
}

uint64_t number_at(const char **text) {
    uint64_t value = 0;
    while (**text >= '0' && **text <= '9')
        value = value * 10 + (uint64_t)(*(*text)++ - '0');
    return value;
}

/* linux_dirent64 of getdents64(2) */
struct directory_entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

long each_number(const char *folder, long (*each)(int)) {
    long directory = sys(__NR_openat, at_fdcwd, folder, o_directory | o_cloexec, 0);
    if (directory < 0)
        return directory;
    char entries[4096] __attribute__((aligned(8)));
    long result = 0, size;
    while (result == 0 && (size = sys(__NR_getdents64, directory, entries, sizeof entries, 0)) > 0)
        for (long at = 0; result == 0 && at < size;) {
            const struct directory_entry *entry = (const void *)(entries + at);
            const char *name = entry->name;
            if (*name >= '0' && *name <= '9')
                result = each((int)number_at(&name));
            at += entry->length;
        }
    sys(__NR_close, directory, 0, 0, 0);
    return result;
}
