#include "km.h"
#include "km_module.h"
#include "km_probes.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { NETFILTER = 12, GET_TABLE = 10 << 8 | 1, REQUEST_DUMP = 0x301, ERROR = 2, DONE = 3 };

struct message {
    uint32_t length;
    uint16_t type, flags;
    uint32_t sequence, port;
    union {
        struct {
            uint8_t family, version;
            uint16_t resource;
        } request;
        int32_t error;
        char bytes[4000];
    };
};

/* Lists the tables, of which there are none yet; 0 once the kernel answers, or why it doesn't, as an errno.
 */
static int list_tables(void) {
    struct message request = {.length = 20, .type = GET_TABLE, .flags = REQUEST_DUMP, .sequence = 1}, answer;
    struct timeval patience = {5, 0};
    int fd = socket(16 /* AF_NETLINK */, SOCK_RAW | SOCK_CLOEXEC, NETFILTER);
    if (fd < 0)
        return errno;
    request.request.family = AF_INET;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t got = send(fd, &request, request.length, 0) < 0 ? -1 : recv(fd, &answer, sizeof answer, 0);
    int error = got < 0                                               ? errno
                : got < 20                                            ? EPROTO
                : answer.type == DONE || answer.type == GET_TABLE - 1 ? 0
                : answer.type == ERROR                                ? -answer.error
                                                                      : EPROTO;
    close(fd);
    return error;
}

void km_probe_netfilter(void) {
    struct km_module module = km_module("nf_tables");
    int error = list_tables();
    km_part("netfilter.nftables", km_answer(error), &module, "NFT_MSG_GETTABLE: %s",
            error ? strerror(error) : "answered");
}
