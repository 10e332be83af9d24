/*
 * Modules that the image offers and that the agent doesn't load: /offered/NAME names files below /offered,
 * one per line, each after all that it needs.
 */
#ifndef KM_MODULE_H
#define KM_MODULE_H

/*
 * Loads a module with what it needs, and returns its name, as km_part() takes it; so does one that was loaded
 * before, by whomever. NULL where this kernel has no such module (it may have it built in), or where it
 * doesn't load, which a note says.
 */
const char *km_module(const char *name);

#endif
