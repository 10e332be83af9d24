#include "serial.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

int serial_open(void) {
    struct termios line;
    int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (tcgetattr(fd, &line) < 0) {
        close(fd);
        return -1;
    }
    cfmakeraw(&line);
    line.c_cflag |= CLOCAL | CREAD; /* no carrier on an emulated port, and none is waited for */
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    cfsetspeed(&line, B115200);
    if (tcsetattr(fd, TCSANOW, &line) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}
