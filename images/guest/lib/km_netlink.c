#include "km_netlink.h"

#include "km.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/veth.h */
struct message_head {
    uint32_t length;
    uint16_t type, flags;
    uint32_t sequence, port;
};
struct attribute_head {
    uint16_t length, type;
};
struct link_head {
    uint8_t family, pad;
    uint16_t type;
    int32_t index;
    uint32_t flags, change;
};
struct address_head {
    uint8_t family, prefix_length, flags, scope;
    uint32_t index;
};
enum { NEW_LINK = 16, DELETE_LINK = 17, GET_LINK = 18, SET_LINK = 19, NEW_ADDRESS = 20 };
enum { FLAG_REQUEST = 1, FLAG_ACK = 4, FLAG_EXCLUSIVE = 0x200, FLAG_CREATE = 0x400, MESSAGE_ERROR = 2 };
enum {
    LINK_NAME = 3,
    LINK_LOWER = 5,
    LINK_STATE = 16,
    LINK_INFO = 18,
    LINK_NETNS_PID = 19,
    INFO_KIND = 1,
    INFO_DATA = 2,
    VETH_PEER = 1
};
enum { ADDRESS_LOCAL = 2, ADDRESS = 1 };
enum { STATE_UP = 6 /* IF_OPER_UP, linux/if.h */ };

struct request {
    struct message_head head;
    char payload[480];
};

static void *put(struct request *request, const void *bytes, size_t length) {
    char *at = (char *)request + request->head.length;
    memcpy(at, bytes, length);
    request->head.length += (uint32_t)((length + 3) & ~3u);
    return at;
}

/* An attribute; with no bytes it is a nest, whose length nest_end fills in. */
static struct attribute_head *attribute(struct request *request, int type, const void *bytes, size_t length) {
    struct attribute_head head = {(uint16_t)(sizeof head + length), (uint16_t)type};
    struct attribute_head *at = put(request, &head, sizeof head);
    if (length)
        put(request, bytes, length);
    return at;
}

static void nest_end(struct request *request, struct attribute_head *nest) {
    nest->length = (uint16_t)((char *)request + request->head.length - (char *)nest);
}

static void begin_link(struct request *request, int type, int flags, int index) {
    struct link_head link = {.family = AF_UNSPEC, .index = index};
    memset(request, 0, sizeof *request);
    request->head.length = sizeof request->head;
    request->head.type = (uint16_t)type;
    request->head.flags = (uint16_t)(FLAG_REQUEST | FLAG_ACK | flags);
    put(request, &link, sizeof link);
}

struct answer {
    struct message_head head;
    int32_t error; /* of MESSAGE_ERROR; else the payload begins here */
    char rest[4000];
};

/* A socket a request: nothing is left open when a namespace is to go away. The answer's length or -errno. */
static ssize_t ask(const struct request *request, struct answer *answer) {
    struct timeval patience = {30, 0};
    int fd = socket(16 /* AF_NETLINK */, SOCK_RAW | SOCK_CLOEXEC, 0);
    ssize_t length;
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (send(fd, request, request->head.length, 0) < 0 || (length = recv(fd, answer, sizeof *answer, 0)) < 0)
        length = -errno;
    close(fd);
    return length;
}

static int talk(const struct request *request) {
    struct answer answer;
    ssize_t length = ask(request, &answer);
    if (length < 0)
        return (int)length;
    return answer.head.type == MESSAGE_ERROR ? answer.error : -EBADMSG;
}

static int on_link(const char *name, struct request *request, int type) {
    unsigned index = km_link_index(name);
    begin_link(request, type, 0, (int)index);
    return index ? 0 : -ENODEV;
}

int km_link_create(const char *kind, const char *name) {
    struct request request;
    begin_link(&request, NEW_LINK, FLAG_CREATE | FLAG_EXCLUSIVE, 0);
    attribute(&request, LINK_NAME, name, strlen(name) + 1);
    struct attribute_head *info = attribute(&request, LINK_INFO, NULL, 0);
    attribute(&request, INFO_KIND, kind, strlen(kind));
    nest_end(&request, info);
    return talk(&request);
}

int km_link_create_veth(const char *name, const char *peer) {
    struct request request;
    struct link_head other = {.family = AF_UNSPEC};
    begin_link(&request, NEW_LINK, FLAG_CREATE | FLAG_EXCLUSIVE, 0);
    attribute(&request, LINK_NAME, name, strlen(name) + 1);
    struct attribute_head *info = attribute(&request, LINK_INFO, NULL, 0);
    attribute(&request, INFO_KIND, "veth", 4);
    struct attribute_head *data = attribute(&request, INFO_DATA, NULL, 0);
    struct attribute_head *end = attribute(&request, VETH_PEER, NULL, 0);
    put(&request, &other, sizeof other);
    attribute(&request, LINK_NAME, peer, strlen(peer) + 1);
    nest_end(&request, end);
    nest_end(&request, data);
    nest_end(&request, info);
    return talk(&request);
}

int km_link_create_macvlan(const char *name, unsigned lower_index) {
    struct request request;
    begin_link(&request, NEW_LINK, FLAG_CREATE | FLAG_EXCLUSIVE, 0);
    attribute(&request, LINK_NAME, name, strlen(name) + 1);
    attribute(&request, LINK_LOWER, &lower_index, sizeof lower_index);
    struct attribute_head *info = attribute(&request, LINK_INFO, NULL, 0);
    attribute(&request, INFO_KIND, "macvlan", 7);
    nest_end(&request, info);
    return talk(&request);
}

int km_link_delete(const char *name) {
    struct request request;
    int missing = on_link(name, &request, DELETE_LINK);
    return missing ? missing : talk(&request);
}

int km_link_to_pid(const char *name, pid_t pid) {
    struct request request;
    uint32_t target = (uint32_t)pid;
    int missing = on_link(name, &request, SET_LINK);
    attribute(&request, LINK_NETNS_PID, &target, sizeof target);
    return missing ? missing : talk(&request);
}

int km_link_rename(const char *name, const char *to) {
    struct request request;
    int missing = on_link(name, &request, SET_LINK);
    attribute(&request, LINK_NAME, to, strlen(to) + 1);
    return missing ? missing : talk(&request);
}

int km_link_up(const char *name) {
    struct request request;
    int missing = on_link(name, &request, SET_LINK);
    struct link_head *link = (struct link_head *)request.payload;
    link->flags = link->change = IFF_UP;
    return missing ? missing : talk(&request);
}

unsigned km_link_index(const char *name) {
    return if_nametoindex(name);
}

int km_link_is_up(const char *name) {
    struct ifreq link = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    strncpy(link.ifr_name, name, sizeof link.ifr_name - 1);
    int up = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &link) == 0 && (link.ifr_flags & IFF_UP);
    close(fd);
    return up;
}

int km_link_is_operating(const char *name) {
    struct request request;
    struct answer answer;
    struct attribute_head head;
    if (on_link(name, &request, GET_LINK) < 0)
        return 0;
    ssize_t length = ask(&request, &answer);
    if (length < (ssize_t)sizeof answer.head || answer.head.type != NEW_LINK)
        return 0;
    const char *end = (char *)&answer + length;
    for (const char *at = (char *)&answer.error + sizeof(struct link_head); at + sizeof head < end;
         at += (head.length + 3) & ~3u) {
        memcpy(&head, at, sizeof head);
        if (head.type == LINK_STATE)
            return at[sizeof head] == STATE_UP;
        if (head.length < sizeof head)
            return 0;
    }
    return 0;
}

static int operating(void *name) {
    return km_link_is_operating(name);
}

void km_link_await_operating(const char *name) {
    char own[16] = "";
    strncpy(own, name, sizeof own - 1);
    if (!km_wait_until(operating, own, 60))
        km_fail("%s has no carrier 60 s after it was set up", own);
}

int km_address_add(const char *name, uint32_t ipv4_host_order, int prefix_length) {
    struct request request;
    uint32_t address = htonl(ipv4_host_order);
    struct address_head head = {AF_INET, (uint8_t)prefix_length, 0, 0, km_link_index(name)};
    memset(&request, 0, sizeof request);
    request.head.length = sizeof request.head;
    request.head.type = NEW_ADDRESS;
    request.head.flags = FLAG_REQUEST | FLAG_ACK | FLAG_CREATE | FLAG_EXCLUSIVE;
    put(&request, &head, sizeof head);
    attribute(&request, ADDRESS_LOCAL, &address, sizeof address);
    attribute(&request, ADDRESS, &address, sizeof address);
    return head.index ? talk(&request) : -ENODEV;
}
