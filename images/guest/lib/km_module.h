/*
 * Modules that the image offers and that the agent doesn't load: /offered/NAME names files below /offered,
 * one per line, each after all that it needs.
 */
#ifndef KM_MODULE_H
#define KM_MODULE_H

/* What came of loading a module, as km_part() takes it. */
struct km_module {
    /* Its name once it is loaded, by whomever; NULL where it isn't. */
    const char *loaded;
    /* Why it doesn't load; empty where it did, or where this kernel has no such module (it may have it built
     * in). */
    char failed[220];
};

/* Loads a module with what it needs. A note says so if it doesn't load. */
struct km_module km_module(const char *name);

#endif
