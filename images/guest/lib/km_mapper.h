/* Devices of the device mapper, by its ioctls (linux/dm-ioctl.h): nothing of a userland is needed. */
#ifndef KM_MAPPER_H
#define KM_MAPPER_H

/* Its control device; -1 with errno, which is ENODEV where the kernel has no mapper. */
int km_mapper_open(void);
/* 1 if the target is registered, 0 if not, -1 with errno where the mapper doesn't say. */
int km_mapper_has_target(int control, const char *target);

struct km_mapped {
    const char *name, *target;
    unsigned long long sectors; /* of 512 bytes */
    const char *parameters;     /* the target's own */
    const char *node;           /* made for it */
};

/* These give 0, or -1 with errno. */
int km_mapper_create(const struct km_mapped *mapped);
/* Tries for 10 s where somebody still has it open. */
int km_mapper_remove(const char *name, const char *node);
int km_mapper_message(const char *name, const char *message);
/* MAJOR:MINOR, as other targets' parameters take it. */
int km_mapper_number(const char *name, char *out, unsigned size);
/* How many devices there are; -1 with errno. */
int km_mapper_count(void);

#endif
