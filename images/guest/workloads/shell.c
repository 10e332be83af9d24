/*
 * A shell for a person, or one command for a script, on the console (ttyS0). It provokes nothing of its own.
 * The image brings /bin/busybox, and /shell/command where there is a command.
 */
#include "km.h"
#include "km_file.h"
#include "km_process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define INSTALL "/bin/busybox --install -s /bin; "

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

static void run(void) {
    static char path[] = "PATH=/bin", home[] = "HOME=/", term[] = "TERM=vt100", prompt[] = "PS1=\\w # ";
    static char *environment[] = {path, home, term, prompt, NULL};
    const char *script =
        km_exists("/shell/command") ? INSTALL "exec sh /shell/command" : INSTALL "exec sh -i";
    take_console();
    execle("/bin/busybox", "sh", "-c", script, (char *)NULL, environment);
    km_fail("/bin/busybox: %s", strerror(errno));
}

int main(int argc, char **argv) {
    km_args(argc, argv);
    if (!km_exists("/bin/busybox"))
        km_unsupported("this image has no /bin/busybox; kmatrix shell makes one that does");
    pid_t pid = fork();
    if (pid < 0)
        km_fail("fork: %s", strerror(errno));
    if (pid == 0)
        run();
    int status = km_wait(pid);
    km_iteration_done();
    /* the person's or the script's own status, not a judgement of ours */
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
