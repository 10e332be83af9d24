#ifndef KM_TOOL_H
#define KM_TOOL_H

/* Where device nodes for tools are to be: the only folder of the machine's that they see besides /proc and
 * /sys. */
#define KM_TOOL_DEVICES "/dev"

/*
 * Runs a program of the userland (km_userland_mount) in the userland, with the machine's /dev, /proc and /sys
 * in it for as long as it runs. Fails the workload, with its last line, where it doesn't end well; ends it as
 * unsupported where the userland has no such program.
 */
void km_tool(char *const *words);

#endif
