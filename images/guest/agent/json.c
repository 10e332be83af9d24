#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 4

static const char *skip_value(const char *at, const char *end, int depth);

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at;
}

/* After the closing quote of the string whose opening quote is at `at`, or NULL. */
static const char *skip_string(const char *at, const char *end) {
    for (at++; at < end; at++) {
        if ((unsigned char)*at < ' ')
            return NULL;
        if (*at == '"')
            return at + 1;
        if (*at == '\\' && ++at >= end)
            return NULL;
    }
    return NULL;
}

/* Objects and arrays: only their nesting and strings are looked at, enough to find where they end. */
static const char *skip_nested(const char *at, const char *end, int depth) {
    char close = *at == '{' ? '}' : ']';
    int pairs = *at == '{';
    if (depth >= DEPTH_MAX)
        return NULL;
    at = skip_space(at + 1, end);
    if (at < end && *at == close)
        return at + 1;
    while (at < end) {
        if (pairs) {
            if (*at != '"' || !(at = skip_string(at, end)))
                return NULL;
            at = skip_space(at, end);
            if (at >= end || *at != ':')
                return NULL;
            at = skip_space(at + 1, end);
        }
        if (!(at = skip_value(at, end, depth + 1)))
            return NULL;
        at = skip_space(at, end);
        if (at < end && *at == close)
            return at + 1;
        if (at >= end || *at != ',')
            return NULL;
        at = skip_space(at + 1, end);
    }
    return NULL;
}

static const char *skip_word(const char *at, const char *end) {
    const char *from = at;
    while (at < end && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *at) && *at)
        at++;
    return at == from ? NULL : at;
}

static const char *skip_value(const char *at, const char *end, int depth) {
    if (at >= end)
        return NULL;
    if (*at == '"')
        return skip_string(at, end);
    if (*at == '{' || *at == '[')
        return skip_nested(at, end, depth);
    return skip_word(at, end);
}

static enum json_kind kind_of(char first) {
    switch (first) {
    case '"':
        return JSON_STRING;
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    default:
        return first == '-' || (first >= '0' && first <= '9') ? JSON_NUMBER : JSON_LITERAL;
    }
}

int json_object(const char *text, size_t length, struct json_member *members, int max) {
    const char *end = text + length, *at = skip_space(text, end), *close;
    int count = 0;
    if (at >= end || *at != '{' || !(close = skip_nested(at, end, 0)) || skip_space(close, end) != end)
        return -1;
    at = skip_space(at + 1, end);
    while (*at != '}') {
        struct json_member *member = &members[count];
        const char *key = at;
        if (++count > max)
            return -1;
        at = skip_string(at, end);
        member->key = key + 1;
        member->key_length = (size_t)(at - key - 2);
        at = skip_space(skip_space(at, end) + 1, end); /* the colon, seen above */
        member->kind = kind_of(*at);
        member->value = at;
        at = skip_value(at, end, 1);
        member->length = (size_t)(at - member->value);
        if (member->kind == JSON_STRING) {
            member->value++;
            member->length -= 2;
        }
        at = skip_space(at, end);
        if (*at == ',')
            at = skip_space(at + 1, end);
    }
    return count;
}

const struct json_member *json_find(const struct json_member *members, int count, const char *key) {
    for (int i = 0; i < count; i++)
        if (members[i].key_length == strlen(key) && !memcmp(members[i].key, key, members[i].key_length))
            return &members[i];
    return NULL;
}

static int unescape(const char **at, const char *end) {
    char hex[5] = {0}, *stop;
    long code;
    switch (**at) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'u':
        if (end - *at < 5)
            return -1;
        memcpy(hex, *at + 1, 4);
        code = strtol(hex, &stop, 16);
        *at += 4;
        return stop == hex + 4 && code > 0 && code < 0x80 ? (int)code
                                                          : -1; /* names and arguments are ASCII */
    default:
        return strchr("\"\\/", **at) && **at ? **at : -1;
    }
}

int json_text(const struct json_member *member, char *out, size_t size) {
    size_t used = 0;
    if (!member || size == 0 || (member->kind != JSON_STRING && member->kind != JSON_NUMBER))
        return -1;
    for (const char *at = member->value, *end = at + member->length; at < end; at++) {
        int byte = (unsigned char)*at;
        if (byte == '\\') {
            at++;
            if ((byte = unescape(&at, end)) < 0)
                return -1;
        }
        if (used + 1 >= size)
            return -1;
        out[used++] = (char)byte;
    }
    out[used] = 0;
    return 0;
}

long long json_whole(const struct json_member *member) {
    char text[32], *stop;
    double value;
    if (!member || member->kind != JSON_NUMBER || json_text(member, text, sizeof text) < 0)
        return -1;
    value = strtod(text, &stop);
    if (*stop || !(value >= 0 && value <= 9007199254740992.0))
        return -1;
    return (long long)value;
}

size_t json_escape(const char *text, char *out, size_t size) {
    size_t used = 0;
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (used + 7 > size)
            break;
        if (byte == '"' || byte == '\\') {
            out[used++] = '\\';
            out[used++] = (char)byte;
        } else if (byte < ' ' || byte > '~') {
            used += (size_t)sprintf(out + used, "\\u%04x", byte);
        } else {
            out[used++] = (char)byte;
        }
    }
    out[used] = 0;
    return used;
}
