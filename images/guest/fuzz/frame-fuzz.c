/*
 * A host program: feeds the agent's frame reader whole frames and the same ones mangled, from a seed. Built
 * with sanitizers by tests/guest/build/build-guest.test.ts; what goes wrong ends it.
 */
#include "crc32.h"
#include "frames.h"
#include "json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t state;

static uint32_t next(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

static const char *const bodies[] = {
    "{\"type\":\"hello\"}",
    "{\"type\":\"start\",\"workload\":\"burn\",\"seed\":7,\"iterations\":3,\"args\":{\"a\":\"b\",\"c\":1.5e3}"
    "}",
    "{\"type\":\"x\\u0041\\n\\\"\",\"deep\":[{\"a\":[1,2,{}]},true,null],\"s\":\"\\\\\"}",
    "{}",
};

/* Exactly as long as the line, so that a read one byte over is seen. */
static char *exact(const char *text, size_t length) {
    char *copy = malloc(length ? length : 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

static size_t mangle(char *line, size_t length) {
    for (uint32_t changes = next(4); changes && length; changes--) {
        size_t at = next((uint32_t)length);
        switch (next(4)) {
        case 0:
            line[at] = (char)next(256);
            break;
        case 1:
            line[at] = "{}[]\",:\\u0"[next(10)];
            break;
        case 2:
            length = at;
            break;
        default:
            memmove(line + at, line + at + 1, length - at - 1);
            length--;
        }
    }
    return length;
}

/* Everything the agent does with a body, frame or not. */
static void use(const char *text, size_t length) {
    struct json_member members[8];
    char small[12], escaped[40];
    int count = json_object(text, length, members, 8);
    for (int i = 0; i < count; i++) {
        json_whole(&members[i]);
        if (json_text(&members[i], small, sizeof small) == 0)
            json_escape(small, escaped, sizeof escaped);
        if (members[i].kind == JSON_OBJECT)
            use(members[i].value, members[i].length);
    }
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? atol(argv[1]) : 1000, accepted = 0;
    state = argc > 2 ? (uint32_t)atol(argv[2]) * 2654435761u + 1 : 1;
    for (long round = 0; round < rounds; round++) {
        char line[400];
        const char *body = bodies[next(4)];
        struct span found;
        int length = snprintf(line, sizeof line, "{\"n\":%ld,\"crc\":\"%08x\",\"body\":%s}", round,
                              (unsigned)crc32_of(body, strlen(body)), body);
        size_t used = mangle(line, (size_t)length);
        char *copy = exact(line, used);
        if (!copy)
            return 1;
        if (!frame_parse(copy, used, &found)) {
            accepted++;
            use(found.at, found.length);
        }
        use(copy, used);
        free(copy);
    }
    printf("accepted %ld of %ld, rejected %ld\n", accepted, rounds, rounds - accepted);
    return 0;
}
