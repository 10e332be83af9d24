import { runTool } from './run-tool.js';

/**
 * Lets its owner change a scratch copy, which is patched, cleaned and removed: cp and tar keep the modes of a tree that
 * nobody may write to (chmod -R a-w). The modes of any other stay as they are, and links are left alone (chmod(1)).
 */
export async function makeCopyWritable(copy: string, signal: AbortSignal): Promise<void> {
  await runTool('chmod', ['--recursive', 'u+rwX', copy], { purpose: 'making the copy writable', signal });
}
