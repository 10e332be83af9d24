#include "km_dpkg.h"

#include "km.h"
#include "km_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STATUS "/var/lib/dpkg/status"
#define SUM_DIGITS 64

static void field(const char *line, const char *key, char *out, size_t size) {
    size_t length = strlen(key);
    if (!strncmp(line, key, length))
        snprintf(out, size, "%.*s", (int)strcspn(line + length, "\n"), line + length);
}

void km_dpkg_each(void (*see)(void *, const char *, const char *, const char *), void *argument) {
    char line[1024], name[80] = "", status[80] = "", version[100] = "";
    FILE *list = fopen(STATUS, "r");
    if (!list)
        km_fail(STATUS ": %s", strerror(errno));
    for (int more = 1; more;) {
        more = fgets(line, sizeof line, list) != NULL;
        if (more && line[0] != '\n') {
            field(line, "Package: ", name, sizeof name);
            field(line, "Status: ", status, sizeof status);
            field(line, "Version: ", version, sizeof version);
            continue;
        }
        if (name[0])
            see(argument, name, status, version);
        name[0] = status[0] = version[0] = 0;
    }
    fclose(list);
}

int km_dpkg_is_clean(const char *status) {
    static const char *const clean[] = {"install ok installed", "hold ok installed",
                                        "deinstall ok config-files", "purge ok not-installed",
                                        "unknown ok not-installed"};
    for (unsigned i = 0; i < sizeof clean / sizeof *clean; i++)
        if (!strcmp(status, clean[i]))
            return 1;
    return 0;
}

struct place {
    char *out;
    size_t size;
    const char *name;
};

static void see_unclean(void *argument, const char *name, const char *status, const char *version) {
    struct place *place = argument;
    (void)version;
    if (!km_dpkg_is_clean(status) && !place->out[0])
        snprintf(place->out, place->size, "%s: %s", name, status);
}

int km_dpkg_unclean(char *out, size_t size) {
    struct place place = {out, size, NULL};
    out[0] = 0;
    km_dpkg_each(see_unclean, &place);
    return out[0] != 0;
}

static void see_version(void *argument, const char *name, const char *status, const char *version) {
    struct place *place = argument;
    if (!strcmp(name, place->name) && strcmp(status, "unknown ok not-installed"))
        snprintf(place->out, place->size, "%s", version);
}

void km_dpkg_version(const char *name, char *out, size_t size) {
    struct place place = {out, size, name};
    out[0] = 0;
    km_dpkg_each(see_version, &place);
}

int km_dpkg_left(const char *name, char *out, size_t size) {
    char path[128], line[1100];
    int left = 0;
    snprintf(path, sizeof path, "/kmatrix/sums/%s", name);
    FILE *sums = fopen(path, "r");
    if (!sums)
        km_fail("%s: %s", path, strerror(errno));
    while (!left && fgets(line, sizeof line, sums)) {
        line[strcspn(line, "\n")] = 0;
        if (strlen(line) < SUM_DIGITS + 3)
            km_fail("%s: a line that is no sum of a file", path);
        snprintf(out, size, "/%s", line + SUM_DIGITS + 2);
        left = km_exists(out);
    }
    fclose(sums);
    return left;
}
