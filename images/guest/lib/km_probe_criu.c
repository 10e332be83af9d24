/* What checkpoint and restore in user space needs of a kernel (criu.org/Linux_kernel), each thing used once.
 */
#include "km.h"
#include "km_file.h"
#include "km_module.h"
#include "km_probes.h"
#include "km_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Values of the kernel's ABI that musl's headers may lack. */
enum { SET_MM = 35, SET_MM_BRK = 7, REPAIR = 19, COMPARE_FILE = 0 };
enum { SEIZE = 0x4206, INTERRUPT = 0x4207, PEEK_SIGINFO = 0x4209 };

static void probe_kcmp(void) {
    int one = dup(0), other = open("/proc/self/status", O_RDONLY);
    long same = syscall(SYS_kcmp, getpid(), getpid(), COMPARE_FILE, 0, one);
    int error = errno;
    long differs = syscall(SYS_kcmp, getpid(), getpid(), COMPARE_FILE, 0, other);
    km_fact("criu.kcmp", same == 0 && differs > 0, "kcmp of a duplicate: %s; of another file: %ld",
            same < 0 ? strerror(error) : "0", differs);
}

static void probe_map_files(void) {
    char path[300], target[200];
    struct dirent *entry;
    int links = 0;
    DIR *folder = opendir("/proc/self/map_files");
    const char *error = folder ? "" : strerror(errno);
    while (folder && (entry = readdir(folder))) {
        snprintf(path, sizeof path, "/proc/self/map_files/%s", entry->d_name);
        links += entry->d_name[0] != '.' && readlink(path, target, sizeof target) > 0;
    }
    if (folder)
        closedir(folder);
    km_fact("criu.map_files", links > 0, "/proc/self/map_files: %d links %s", links, error);
}

static void probe_set_mm(void) {
    long end = syscall(SYS_brk, syscall(SYS_brk, 0) + 4096);
    int result = prctl(SET_MM, SET_MM_BRK, end, 0, 0);
    km_fact("criu.prctl_set_mm", result == 0, "prctl(PR_SET_MM, PR_SET_MM_BRK): %s",
            result ? strerror(errno) : "0");
}

static void probe_tcp_repair(void) {
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    int result = setsockopt(fd, IPPROTO_TCP, REPAIR, &on, sizeof on);
    km_fact("criu.tcp_repair", result == 0, "setsockopt(TCP_REPAIR): %s", result ? strerror(errno) : "0");
    close(fd);
}

static pid_t sleeper(void) {
    pid_t pid = fork();
    if (pid < 0)
        km_fail("fork: %s", strerror(errno));
    while (pid == 0)
        pause();
    return pid;
}

static void probe_children(void) {
    char path[64], list[128] = "";
    pid_t child = sleeper();
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)getpid(), (int)getpid());
    int read_it = km_read(path, list, sizeof list) >= 0;
    km_fact("criu.children", read_it && atoi(list) == (int)child, "/proc/PID/task/TID/children: %s",
            read_it ? list : strerror(errno));
    km_kill(child);
}

static void probe_last_pid(void) {
    const char *path = "/proc/sys/kernel/ns_last_pid";
    if (km_write(path, "20000") < 0) {
        km_fact("criu.ns_last_pid", 0, "%s: %s", path, strerror(errno));
        return;
    }
    pid_t child = sleeper();
    km_fact("criu.ns_last_pid", child == 20001, "20000 written, the next child is %d", (int)child);
    km_kill(child);
}

/* A dump of unix sockets by SOCK_DIAG_BY_FAMILY (linux/sock_diag.h, linux/unix_diag.h). */
static void probe_sock_diag(void) {
    struct {
        uint32_t length;
        uint16_t type, flags;
        uint32_t sequence, port;
        uint8_t family, protocol;
        uint16_t pad;
        uint32_t states, inode, show, cookie[2];
    } request = {sizeof request, 20, 0x301, 1, 0, AF_UNIX, 0, 0, ~0u, 0, 1, {~0u, ~0u}};
    struct {
        uint32_t length;
        uint16_t type, flags;
        uint32_t sequence, port;
        int32_t error;
        char rest[4000];
    } answer;
    struct timeval patience = {5, 0};
    struct km_module module = km_module("unix_diag");
    int pair[2], made = socketpair(AF_UNIX, SOCK_STREAM, 0, pair),
                 fd = made < 0 ? -1 : socket(16 /* AF_NETLINK */, SOCK_RAW, 4 /* NETLINK_SOCK_DIAG */);
    if (fd < 0) {
        km_part("criu.sock_diag", made < 0 ? -1 : km_answer(errno), &module, "%s: %s",
                made < 0 ? "a pair to look for" : "socket(NETLINK_SOCK_DIAG)", strerror(errno));
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t got = send(fd, &request, sizeof request, 0) < 0 ? -1 : recv(fd, &answer, sizeof answer, 0);
    int error = got < 0 ? errno : answer.type == 2 ? -answer.error : 0;
    if (got >= 16 && answer.type == 20)
        km_part("criu.sock_diag", 1, &module, "unix sockets were dumped");
    else
        km_part("criu.sock_diag", error ? km_answer(error) : 0, &module, "answer: %s",
                error ? strerror(error) : "no socket");
    close(fd);
}

static void probe_eventfd(void) {
    char path[48], text[400] = "";
    int fd = eventfd(5, 0);
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    int read_it = fd >= 0 && km_read(path, text, sizeof text) > 0,
        told = strstr(text, "eventfd-count") != NULL;
    km_fact("criu.eventfd_fdinfo", told, read_it ? "fdinfo %s eventfd-count" : "no fdinfo",
            told ? "has" : "lacks");
}

static void probe_ptrace(void) {
    struct {
        uint64_t offset;
        uint32_t flags;
        int32_t number;
    } want = {0, 0, 1};
    char info[128];
    int status;
    pid_t child = sleeper();
    long seized = syscall(SYS_ptrace, SEIZE, child, 0, 0);
    km_fact("criu.ptrace_seize", seized == 0, "PTRACE_SEIZE: %s", seized ? strerror(errno) : "0");
    long stopped = seized == 0 ? syscall(SYS_ptrace, INTERRUPT, child, 0, 0)
                               : syscall(SYS_ptrace, PTRACE_ATTACH, child, 0, 0);
    if (stopped == 0 && waitpid(child, &status, 0) == child) {
        long peeked = syscall(SYS_ptrace, PEEK_SIGINFO, child, &want, info);
        km_fact("criu.ptrace_peeksiginfo", peeked >= 0, "PTRACE_PEEKSIGINFO: %s",
                peeked < 0 ? strerror(errno) : "0");
    } else {
        km_fact("criu.ptrace_peeksiginfo", -1, "no process could be stopped: %s", strerror(errno));
    }
    km_kill(child);
}

void km_probe_criu(void) {
    km_guarded("criu.kcmp", probe_kcmp);
    km_guarded("criu.map_files", probe_map_files);
    km_guarded("criu.prctl_set_mm", probe_set_mm);
    km_guarded("criu.tcp_repair", probe_tcp_repair);
    km_guarded("criu.children", probe_children);
    km_guarded("criu.ns_last_pid", probe_last_pid);
    km_guarded("criu.sock_diag", probe_sock_diag);
    km_guarded("criu.eventfd_fdinfo", probe_eventfd);
    km_guarded("criu.ptrace_seize", probe_ptrace);
}
