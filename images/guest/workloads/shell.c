/*
 * A shell for a person on the console (ttyS0), or one command for a script, whose standard streams go to the
 * host through the agent. It provokes nothing of its own. The image brings /bin/busybox.
 */
#include "km.h"
#include "km_file.h"
#include "km_output.h"
#include "km_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of all arguments together; the kernel itself takes 2 MiB (execve(2)). */
#define ARGUMENTS_MAX 0x200000

static char *environment[] = {"PATH=/bin", "HOME=/", "TERM=vt100", "PS1=\\w # ", NULL};

/* Every name that busybox answers to. */
static void install(void) {
    static char *words[] = {"busybox", "--install", "-s", "/bin", NULL};
    pid_t pid = fork();
    if (pid < 0)
        km_fail("fork: %s", strerror(errno));
    if (pid == 0) {
        execve("/bin/busybox", words, environment);
        _exit(127);
    }
    km_end_as(km_wait(pid), "busybox --install");
}

/* A session of its own with ttyS0 as its terminal, so that Ctrl-C reaches the command and not the workload.
 */
static void take_console(void) {
    int fd = open("/dev/ttyS0", O_RDWR);
    if (setsid() < 0 || fd < 0 || ioctl(fd, TIOCSCTTY, 1) < 0)
        km_fail("/dev/ttyS0: %s", strerror(errno));
    for (int standard = 0; standard <= 2; standard++)
        if (dup2(fd, standard) < 0)
            km_fail("dup2: %s", strerror(errno));
    close(fd);
}

static int converse(void) {
    static char *words[] = {"sh", "-i", NULL};
    pid_t pid = fork();
    if (pid < 0)
        km_fail("fork: %s", strerror(errno));
    if (pid == 0) {
        take_console();
        execve("/bin/busybox", words, environment);
        km_fail("/bin/busybox: %s", strerror(errno));
    }
    return km_wait(pid);
}

/*
 * Standard input begins with the command: eight hexadecimal digits for the length of what follows, and its
 * words, each with a NUL at its end. The rest is the command's own.
 */
static char **read_command(void) {
    char digits[9] = "", *end;
    if (km_read_all(0, digits, 8) < 0)
        km_fail("no command on standard input");
    unsigned long length = strtoul(digits, &end, 16), count = 0;
    char *words = length && length <= ARGUMENTS_MAX && !*end ? malloc(length) : NULL;
    if (!words || km_read_all(0, words, length) < 0 || words[length - 1])
        km_fail("a broken command on standard input");
    for (unsigned long i = 0; i < length; i++)
        count += !words[i];
    char **list = calloc(count + 1, sizeof *list);
    if (!list)
        km_fail("no memory for the command");
    char *const beyond = words + length;
    for (char **next = list; words < beyond; words += strlen(words) + 1)
        *next++ = words;
    return list;
}

static __attribute__((noreturn)) void run(char **words, int out, int err) {
    if (dup2(out, 1) < 0 || dup2(err, 2) < 0)
        km_fail("dup2: %s", strerror(errno));
    for (int fd = 3; fd < 16; fd++)
        close(fd);
    environ = environment;
    execvp(words[0], words);
    dprintf(2, "kmatrix: %s: %s\n", words[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126); /* as a shell says it */
}

static int command(void) {
    char **words = read_command();
    int out[2], err[2];
    km_must(pipe2(out, O_CLOEXEC), "pipe2");
    km_must(pipe2(err, O_CLOEXEC), "pipe2");
    km_output_prepare();
    pid_t pid = fork();
    if (pid < 0)
        km_fail("fork: %s", strerror(errno));
    if (pid == 0)
        run(words, out[1], err[1]);
    /* only the command reads: once it doesn't, the host is told so */
    close(0);
    close(out[1]);
    close(err[1]);
    return km_output_relay(out[0], err[0], pid);
}

int main(int argc, char **argv) {
    km_args(argc, argv);
    if (!km_exists("/bin/busybox"))
        km_unsupported("this image has no /bin/busybox; kmatrix shell makes one that does");
    install();
    int status = km_is("way", "command") ? command() : converse();
    km_iteration_done();
    /* the person's or the script's own status, not a judgement of ours */
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
