#include "km_echo.h"

#include "km.h"
#include "km_file.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PORT 7777
#define BYTES 8192

static void patient(int fd) {
    struct timeval patience = {60, 0};
    km_must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), "SO_RCVTIMEO");
    km_must(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), "SO_SNDTIMEO");
}

void km_echo_serve(void (*listening)(void *), void *argument) {
    static char bytes[BYTES];
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int server = socket(AF_INET, SOCK_STREAM, 0);
    km_must(server, "container: socket");
    patient(server);
    km_must(bind(server, (struct sockaddr *)&here, sizeof here), "container: bind");
    km_must(listen(server, 1), "container: listen");
    listening(argument);
    int peer = accept(server, NULL, NULL);
    km_must(peer, "container: accept");
    patient(peer);
    km_must(km_read_all(peer, bytes, sizeof bytes), "container: receive");
    km_must(km_write_all(peer, bytes, sizeof bytes), "container: send back");
    close(peer);
    close(server);
}

void km_echo_exchange(uint32_t ipv4_host_order) {
    static uint32_t sent[BYTES / 4], back[BYTES / 4];
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    there.sin_addr.s_addr = htonl(ipv4_host_order);
    for (unsigned i = 0; i < BYTES / 4; i++)
        sent[i] = km_random();
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    km_must(fd, "socket");
    patient(fd);
    km_must(connect(fd, (struct sockaddr *)&there, sizeof there), "connect to the container");
    km_must(km_write_all(fd, sent, sizeof sent), "send to the container");
    km_must(km_read_all(fd, back, sizeof back), "receive from the container");
    close(fd);
    if (memcmp(sent, back, sizeof sent))
        km_fail("the container sent back other bytes than it got");
}
