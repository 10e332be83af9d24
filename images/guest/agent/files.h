#ifndef AGENT_FILES_H
#define AGENT_FILES_H

#define FILES_ID_SIZE 65

/*
 * Brings the files that the machine's slot holds (../PROTOCOL.md, "Files") to /files. `id` names them: a slot
 * that holds others, or nothing, is refused. NULL, or why not, good until the next call.
 */
const char *files_bring(const char *id);

/* What files_bring says where this kernel has no driver for the slot. */
extern const char files_no_slot[];

#endif
