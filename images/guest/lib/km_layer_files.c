#include "km_layer_files.h"

#include "km.h"
#include "km_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KEPT_BYTES 10000 /* several pages, and not whole ones */
#define KEPT_MODE 0751
#define CHANGED_MODE 0640
#define KEPT_OWNER 12
#define KEPT_GROUP 34
#define KEPT_TIME 1000000000 /* a second of 2001 */
#define ADDED "added\n"

/* Reported when all else was checked (km_layer_flaw). */
static char flaw[160];

static const char *named(const char *format, int layer) {
    static char name[2][32];
    static int turn;
    turn = !turn;
    snprintf(name[turn], sizeof name[turn], format, layer);
    return name[turn];
}

static void enter(const char *root) {
    km_must(chdir(root), root);
}

static void leave(void) {
    km_must(chdir("/"), "chdir /");
}

static void put(const char *path, int layer) {
    km_must(km_write_new(path, named("layer %d\n", layer)), path);
}

/* 1 if it has exactly what that layer put. */
static int has(const char *path, int layer) {
    char found[32];
    return km_read(path, found, sizeof found) >= 0 && !strcmp(found, named("layer %d\n", layer));
}

/* How many names a folder has; -1 with errno. */
static int names_in(const char *path) {
    int count = -2; /* . and .. */
    DIR *folder = opendir(path);
    if (!folder)
        return -1;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void fill(char *bytes) {
    for (int i = 0; i < KEPT_BYTES; i++)
        bytes[i] = (char)('!' + i * 7 % 90);
}

/* Without km_remove(), which stays on one device: overlay before 4.12 gives a folder another one than its
 * files. */
static void remove_folder(const char *path) {
    struct dirent *entry;
    DIR *folder = opendir(path);
    if (!folder)
        km_fail("%s: %s", path, strerror(errno));
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            km_must(unlinkat(dirfd(folder), entry->d_name, 0), "delete a lower layer's file");
    closedir(folder);
    km_must(rmdir(path), "rmdir of a lower layer's folder");
}

/* A new folder where a lower layer has one: a union marks it opaque. */
static void replace_folder(int layer, const char *name) {
    if (km_exists("replaced"))
        remove_folder("replaced");
    km_must(mkdir("replaced", 0755), "make a folder again");
    put(name, layer);
}

static void write_first(void) {
    static char bytes[KEPT_BYTES];
    struct timespec times[2] = {{KEPT_TIME, 0}, {KEPT_TIME, 0}};
    fill(bytes);
    int kept = open("kept", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    km_must(kept, "kept");
    km_must(km_write_all(kept, bytes, sizeof bytes), "kept");
    km_must(fchown(kept, KEPT_OWNER, KEPT_GROUP), "chown of kept");
    km_must(fchmod(kept, KEPT_MODE), "chmod of kept");
    close(kept);
    km_must(utimensat(AT_FDCWD, "kept", times, 0), "times of kept");
    km_must(mkdir("merged", 0755), "merged");
    km_must(mkdir("folder", 0755), "folder");
    put("folder/inner", 1);
    put("travels-1", 1);
}

void km_layer_write(const char *root, int layer) {
    enter(root);
    if (layer == 1)
        write_first();
    else {
        km_must(unlink(named("gone-%d", layer - 1)), "delete a lower layer's file");
        km_must(rename(named("travels-%d", layer - 1), named("travels-%d", layer)),
                "rename a lower layer's file");
    }
    put(named("layer-%d", layer), layer);
    put("shared", layer);
    put(named("gone-%d", layer), layer);
    put(named("merged/in-%d", layer), layer);
    replace_folder(layer, named("replaced/only-%d", layer));
    leave();
}

/* 1 if `kept` has its bytes, owner and time, this mode, and so much more behind it. */
static int is_kept(mode_t mode, const char *added, int old_time) {
    static char bytes[KEPT_BYTES + 64], wanted[KEPT_BYTES + 64];
    struct stat about;
    fill(wanted);
    strcpy(wanted + KEPT_BYTES, added);
    ssize_t got = km_read("kept", bytes, sizeof bytes);
    return got == KEPT_BYTES + (ssize_t)strlen(added) && !memcmp(bytes, wanted, (size_t)got) &&
           stat("kept", &about) == 0 && (about.st_mode & 07777) == mode && about.st_uid == KEPT_OWNER &&
           about.st_gid == KEPT_GROUP && (about.st_mtime == KEPT_TIME) == old_time;
}

void km_layer_check_below(const char *driver, const char *root, int layers) {
    enter(root);
    for (int layer = 1; layer <= layers; layer++) {
        int top = layer == layers;
        if (!has(named("layer-%d", layer), layer) || !has(named("merged/in-%d", layer), layer))
            km_fail("%s: a file of layer %d of %d does not show through", driver, layer, layers);
        if (km_exists(named("gone-%d", layer)) != top)
            km_fail("%s: a file that layer %d deleted is still there", driver, layer + 1);
        if (km_exists(named("travels-%d", layer)) != top)
            km_fail("%s: a file that layer %d renamed still has its old name", driver, layer + 1);
        if (km_exists(named("replaced/only-%d", layer)) != top && !flaw[0])
            snprintf(flaw, sizeof flaw, "%s: what layer %d has shows in a folder that layer %d replaced",
                     driver, layer, layer + 1);
    }
    if (!has("shared", layers))
        km_fail("%s: a file that every layer has is not that of the uppermost", driver);
    if (!has(named("travels-%d", layers), 1))
        km_fail("%s: a file that every layer renamed has other content", driver);
    if (names_in("merged") != layers)
        km_fail("%s: a folder that each layer adds to lists %d names, not %d", driver, names_in("merged"),
                layers);
    if (!is_kept(KEPT_MODE, "", 1))
        km_fail("%s: the first layer's file shows other content, owner, mode or time", driver);
    leave();
}

static void copy_up(const char *driver) {
    km_must(chmod("kept", CHANGED_MODE), "chmod of a lower layer's file");
    if (km_is("break", "copy-up"))
        km_must(utimensat(AT_FDCWD, "kept", NULL, 0), "times of kept");
    if (!is_kept(CHANGED_MODE, "", 1))
        km_fail("%s: a file copied up by chmod has other content, owner, mode or time", driver);
    int kept = open("kept", O_WRONLY | O_APPEND | O_CLOEXEC);
    km_must(kept, "open a lower layer's file");
    km_must(km_write_all(kept, ADDED, strlen(ADDED)), "append to a lower layer's file");
    close(kept);
    km_must(chmod("layer-1", CHANGED_MODE), "chmod of a lower layer's file");
    put("shared", 0);
}

/* 0, or EXDEV; the old folder must then be whole. */
static void rename_folder(const char *driver, int may_refuse) {
    int error = rename("folder", "moved-folder") < 0 ? errno : 0;
    km_fact_text("rename-folder", error ? strerror(error) : "renamed",
                 "%s: rename(2) of a lower layer's folder", driver);
    if (error == 0)
        return;
    if (!may_refuse || error != EXDEV)
        km_fail("%s: rename of a lower layer's folder: %s", driver, strerror(error));
    if (!has("folder/inner", 1) || km_exists("moved-folder"))
        km_fail("%s: a rename that was refused changed something", driver);
    /* what mv(1) does then */
    km_must(mkdir("moved-folder", 0755), "moved-folder");
    km_must(rename("folder/inner", "moved-folder/inner"), "rename out of a lower layer's folder");
    km_must(rmdir("folder"), "rmdir of a lower layer's folder");
}

void km_layer_change(const char *driver, const char *root, int layers, int may_refuse) {
    enter(root);
    copy_up(driver);
    km_must(unlink(named("gone-%d", layers)), "delete a lower layer's file");
    if (km_is("break", "whiteout"))
        put(named("gone-%d", layers), layers);
    km_must(rename(named("travels-%d", layers), "travels-on"), "rename a lower layer's file");
    if (km_is("break", "rename"))
        put(named("travels-%d", layers), layers);
    rename_folder(driver, may_refuse);
    replace_folder(0, "replaced/at-the-top");
    if (km_is("break", "opaque"))
        put(named("replaced/only-%d", layers), layers);
    leave();
}

void km_layer_check_changed(const char *driver, const char *root, int layers) {
    struct stat about;
    enter(root);
    if (!is_kept(CHANGED_MODE, ADDED, 0))
        km_fail("%s: a lower layer's file that was written to has other content, owner or mode", driver);
    if (!has("shared", 0))
        km_fail("%s: a lower layer's file that was overwritten has other content", driver);
    if (!has("layer-1", 1) || stat("layer-1", &about) < 0 || (about.st_mode & 07777) != CHANGED_MODE)
        km_fail("%s: a lower layer's file has lost its content or its new mode", driver);
    if (km_exists(named("gone-%d", layers)))
        km_fail("%s: a deleted file of a lower layer is still there", driver);
    if (!has("travels-on", 1) || km_exists(named("travels-%d", layers)))
        km_fail("%s: a renamed file of a lower layer has other content, or still its old name", driver);
    if (!has("moved-folder/inner", 1) || km_exists("folder"))
        km_fail("%s: a renamed folder of a lower layer has other content, or still its old name", driver);
    if (!has("replaced/at-the-top", 0))
        km_fail("%s: a folder that was replaced lacks what was put into it", driver);
    if (names_in("replaced") != 1 && !flaw[0])
        snprintf(flaw, sizeof flaw,
                 "%s: what a lower layer has shows in a folder that was replaced at the top", driver);
    leave();
}

const char *km_layer_flaw(void) {
    return flaw[0] ? flaw : NULL;
}
