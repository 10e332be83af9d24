import t from 'tap';
import { markdownText } from '../../harness/report/markdown/text.js';

t.test('names, times and versions are as they are', async (t) => {
  for (const text of [
    'd_hash_and_lookup',
    'oops:d_hash_and_lookup',
    'general protection fault in mntput_no_expire [#407]',
    '2026-11-24T10:17:16.442Z',
    'x86_64',
    '3.2.0-4-amd64 #1 SMP Debian 3.2.102-1',
    'linux-image-6.1.0-31-cloud-amd64 6.1.128-1 from bookworm (apt), SHA-256 ab',
    'built from linux-3.2.71.tar.xz, gcc 12.2.0',
    'BUG: unable to handle kernel NULL pointer dereference at 0000000000000008',
    '[ 3.300000] RIP: 0010:d_hash_and_lookup+0x21/0x80',
    'Pid: 60, comm: pidns-exec Not tainted',
    '0000:00:1f.2: device & driver, 5 > 3, a * b',
    'page_fault ← mntput_no_expire ← kern_unmount',
    'known issue #407, not LP#720095!',
    '50 % of 20, p = 0.015',
    'no /dev/kvm: KVM_CREATE_VM failed^W',
  ]) {
    t.equal(markdownText(text), text);
  }
});

t.test('what Markdown would take for markup is a reference', async (t) => {
  for (const [text, expected] of [
    ['a | b', 'a &#124; b'],
    ['`x`', '&#96;x&#96;'],
    ['*x* **y**', '&#42;x&#42; &#42;&#42;y&#42;&#42;'],
    ['_x_ __init y_', '&#95;x&#95; &#95;&#95;init y&#95;'],
    ['~~x~~', '&#126;&#126;x&#126;&#126;'],
    ['[a](y)', '[a&#93;(y)'],
    ['[a]: y', '[a&#93;: y'],
    ['[ ] to do', '&#91; ] to do'],
    ['see [x](y), [x][y]', 'see [x&#93;(y), [x&#93;[y]'],
    ['<b> <!-- 1 < 2', '&#60;b> &#60;!-- 1 < 2'],
    ['[<ffffffff81110a21>] <4>', '[&#60;ffffffff81110a21>] <4>'],
    ['&lt; &#60; & x', '&#38;lt; &#38;#60; & x'],
    ['# head', '&#35; head'],
    ['> quoted', '&#62; quoted'],
    ['- item', '&#45; item'],
    ['1. item', '1&#46; item'],
    ['at http://x.y', 'at http&#58;//x.y'],
    ['at www.x.y', 'at www&#46;x.y'],
    ['by @user, a@b.c', 'by &#64;&#8203;user, a&#64;&#8203;b.c'],
    ['a :smile: b', 'a &#58;smile: b'],
    ['$x$', '&#36;x&#36;'],
    ['a\\*b \\u{1b}', 'a&#92;&#42;b \\u{1b}'],
  ] as const) {
    t.equal(markdownText(text), expected);
  }
});
