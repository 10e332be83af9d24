/* What a copy of the process does before its threads run. */
#ifndef KM_COPY_H
#define KM_COPY_H

/* File descriptors of QEMU's ends: console, channel, QMP (harness/vm/command-line.ts, machineDescriptors). */
enum { first_line = 3, line_count = 3 };

/* Before the first copy: has all memory come along. @return 0 or a negative errno */
long take_all_memory(void);

/*
 * In the copy: puts `lines` in the place of the original's, and gives it what it may not share. It ends when
 * its parent does. One that can't be finished ends with a status that says where (120 to 124).
 */
__attribute__((noreturn)) void become_machine(const int *lines, long parent);

#endif
