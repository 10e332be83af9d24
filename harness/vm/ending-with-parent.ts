/**
 * A command line that runs `words` and ends with this process, however this process ends: the kernel sends SIGKILL when
 * the parent dies (PR_SET_PDEATHSIG, prctl(2); setpriv(1) sets it and it survives execve).
 *
 * The parent may be dead before prctl runs, and then no signal ever comes. So the shell looks, after prctl, whether its
 * parent is still this one. The signal is bound to the thread that spawned: call this from Node's main thread.
 */
export function endingWithParent(words: readonly string[], parent = process.pid): [string, ...string[]] {
  const script = '[ "$PPID" = "$0" ] || exit 125; exec "$@"';
  return ['setpriv', '--pdeathsig', 'KILL', '--', 'sh', '-c', script, String(parent), ...words];
}
