/*
 * A reader for the few JSON shapes of the protocol. It copies nothing and allocates nothing: a member points
 * into the line. Depth, members and string lengths are bounded, since a line may hold anything at all.
 */
#ifndef AGENT_JSON_H
#define AGENT_JSON_H

#include <stddef.h>

enum json_kind { JSON_STRING, JSON_NUMBER, JSON_OBJECT, JSON_ARRAY, JSON_LITERAL };

struct json_member {
    const char *key; /* between the quotes, escapes as they stand */
    size_t key_length;
    const char *value; /* strings without their quotes, escapes as they stand */
    size_t length;
    enum json_kind kind;
};

#define JSON_MEMBERS_MAX 40

/* The members of the object that is the whole text; their number, or -1 if it is not one object. */
int json_object(const char *text, size_t length, struct json_member *members, int max);

const struct json_member *json_find(const struct json_member *members, int count, const char *key);

/* Unescapes a string, or copies a number's text, with a final NUL; 0, or -1 if it doesn't fit or is neither.
 */
int json_text(const struct json_member *member, char *out, size_t size);

/* A whole number from 0 to 2^53; fractions are cut off, and -1 says it is not one. */
long long json_whole(const struct json_member *member);

/* Writes text as the inside of a JSON string; anything but printable ASCII becomes an escape. Bytes written.
 */
size_t json_escape(const char *text, char *out, size_t size);

#endif
