#include "km_tool.h"

#include "km.h"
#include "km_file.h"
#include "km_process.h"
#include "km_userland.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOT "/run/km-tool"
#define NO_PROGRAM 127

static char *environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};

__attribute__((noreturn)) static void give_up(const char *what) {
    dprintf(2, "%s: %s\n", what, strerror(errno));
    _exit(126);
}

static void show(const char *from, const char *to) {
    struct stat about;
    char leads[128] = "";
    if (lstat(from, &about) < 0)
        give_up(from);
    if (S_ISLNK(about.st_mode)) {
        if (readlink(from, leads, sizeof leads - 1) < 0 || symlink(leads, to) < 0)
            give_up(to);
    } else if (S_ISDIR(about.st_mode) && (km_folder(to) < 0 || mount(from, to, NULL, MS_BIND, NULL) < 0)) {
        give_up(to);
    }
}

/* The userland's folders and the machine's, in a tmpfs: the userland lacks some, and can't be written. All of
 * it is of the tool's own mount namespace, and goes with it. */
static void make_root(void) {
    static const char *const machine[] = {KM_TOOL_DEVICES, "/proc", "/sys"};
    char from[320], to[320];
    struct dirent *entry;
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        give_up("a mount namespace");
    if (mount("km-tool", ROOT, "tmpfs", 0, "mode=0755") < 0)
        give_up("mount of tmpfs");
    for (unsigned i = 0; i < sizeof machine / sizeof *machine; i++) {
        snprintf(to, sizeof to, ROOT "%s", machine[i]);
        show(machine[i], to);
    }
    DIR *folder = opendir(KM_USERLAND);
    if (!folder)
        give_up(KM_USERLAND);
    while ((entry = readdir(folder))) {
        snprintf(from, sizeof from, KM_USERLAND "/%s", entry->d_name);
        snprintf(to, sizeof to, ROOT "/%s", entry->d_name);
        if (!km_exists(to))
            show(from, to);
    }
    closedir(folder);
}

__attribute__((noreturn)) static void become(char *const *words, int output) {
    int input = open("/dev/null", O_RDONLY);
    if (input < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        _exit(126);
    make_root();
    if (chroot(ROOT) < 0 || chdir("/") < 0)
        give_up("chroot");
    signal(SIGPIPE, SIG_DFL);
    environ = environment;
    execvp(words[0], words);
    if (errno == ENOENT)
        _exit(NO_PROGRAM);
    give_up(words[0]);
}

/* Its last line that isn't empty. */
static void read_last_line(int output, char *last, size_t size) {
    char line[200];
    FILE *said = fdopen(output, "r");
    if (!said)
        km_fail("fdopen of a tool's output: %s", strerror(errno));
    *last = 0;
    while (fgets(line, sizeof line, said)) {
        line[strcspn(line, "\n")] = 0;
        if (*line)
            snprintf(last, size, "%s", line);
    }
    fclose(said);
}

void km_tool(char *const *words) {
    char last[200];
    int pipes[2];
    km_must(km_folder(ROOT), "mkdir " ROOT);
    km_must(pipe2(pipes, O_CLOEXEC), "pipe of a tool");
    pid_t pid = fork();
    km_must(pid, "fork of a tool");
    if (pid == 0)
        become(words, pipes[1]);
    close(pipes[1]);
    read_last_line(pipes[0], last, sizeof last);
    int status = km_wait(pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_PROGRAM)
        km_unsupported("%s: the userland has no such program", words[0]);
    if (WIFSIGNALED(status))
        km_fail("%s was killed by signal %d: %s", words[0], WTERMSIG(status), last);
    if (WEXITSTATUS(status))
        km_fail("%s ended with status %d: %s", words[0], WEXITSTATUS(status), last);
}
