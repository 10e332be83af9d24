/*
 * Plain work that no kernel of the last twenty years should mind: arithmetic, pipes and children. The
 * known-good control: what goes wrong here is the harness's or the machine's doing, not a container's.
 */
#include "km.h"
#include "km_file.h"
#include "km_process.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define WORDS 4096

static uint32_t sum_of(const uint32_t *words) {
    uint32_t sum = 0;
    for (int i = 0; i < WORDS; i++)
        sum = (sum << 1 | sum >> 31) ^ words[i];
    return sum;
}

/* The child sums what comes through the pipe, and answers through another. */
static void child(int from, int to) {
    static uint32_t words[WORDS];
    if (km_read_all(from, words, sizeof words) < 0)
        km_fail("child: read: %s", strerror(errno));
    uint32_t sum = sum_of(words);
    _exit(km_write_all(to, &sum, sizeof sum) < 0);
}

static void round_trip(void) {
    static uint32_t words[WORDS];
    uint32_t answer;
    int there[2], back[2];
    if (pipe(there) < 0 || pipe(back) < 0)
        km_fail("pipe: %s", strerror(errno));
    for (int i = 0; i < WORDS; i++)
        words[i] = km_random();
    pid_t pid = fork();
    if (pid < 0)
        km_fail("fork: %s", strerror(errno));
    if (pid == 0)
        child(there[0], back[1]);
    if (km_write_all(there[1], words, sizeof words) < 0 || km_read_all(back[0], &answer, sizeof answer) < 0)
        km_fail("pipe: %s", strerror(errno));
    km_end_as(km_wait(pid), "the child");
    for (int i = 0; i < 2; i++) {
        close(there[i]);
        close(back[i]);
    }
    if (answer != sum_of(words))
        km_fail("the child's sum is %u, not %u", answer, sum_of(words));
}

int main(int argc, char **argv) {
    km_args(argc, argv);
    while (km_continue()) {
        round_trip();
        km_iteration_done();
    }
    return 0;
}
