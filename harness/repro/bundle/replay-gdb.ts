/**
 * Commands for gdb on a recording that is replayed. oops_begin (arch/x86/kernel/dumpstack.c) is where every x86 oops of
 * these kernels passes, with the stack still as the fault left it.
 */
export const replayGdb = `# gdb vmlinux -ex 'target remote SOCKET' -x replay.gdb
set pagination off
set confirm off
# the machine is recorded from its first instruction, in which no kernel is loaded yet: a hardware breakpoint waits for it
hbreak oops_begin
printf "\\n"
printf "  continue           run to the oops; then: backtrace\\n"
printf "  reverse-stepi      one instruction back\\n"
printf "  watch -l EXPRESSION, reverse-continue\\n"
printf "                     back to where that memory was last written\\n"
printf "  break FUNCTION, reverse-continue\\n"
printf "                     back to that function's last call\\n"
printf "\\n"
`;
