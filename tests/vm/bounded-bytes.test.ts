import t from 'tap';
import { BoundedBytes } from '../../harness/vm/bounded-bytes.js';

const block = 64 * 1024;

t.test('keeps everything that fits, whatever the size of its pieces', async (t) => {
  const kept = new BoundedBytes({ headBytes: block, tailBytes: block });
  const whole = Array.from({ length: 20_000 }, (_, n) => String(n)).join(' ');
  for (const piece of whole.match(/.{1,7}/gs) ?? []) kept.append(Buffer.from(piece));
  t.equal(kept.text(), whole);
  t.equal(kept.seen, whole.length);
  t.equal(kept.dropped, 0);
});

t.test('keeps the beginning and the end of a flood, and counts the rest', async (t) => {
  const kept = new BoundedBytes({ headBytes: block, tailBytes: 2 * block });
  kept.append(Buffer.from('first words\n'));
  for (let n = 0; n < 1000; n++) kept.append(Buffer.alloc(4096, 'x'));
  kept.append(Buffer.from('\nlast words'));
  const text = kept.text();
  t.match(text, /^first words\n/);
  t.match(text, /\nlast words$/);
  t.match(text, `[kmatrix: ${kept.dropped} bytes dropped here]`);
  t.ok(text.length <= 3 * block + 100, 'bounded');
  t.equal(kept.seen, 1000 * 4096 + 23);
  const marker = text.match(/\n\[kmatrix: .*\]\n/)?.[0] ?? '';
  t.equal(kept.dropped + text.length - marker.length, kept.seen, 'every byte is kept or counted');
});

t.test('a character cut between two pieces stays whole', async (t) => {
  const kept = new BoundedBytes({ headBytes: block, tailBytes: block });
  const bytes = Buffer.from('Grüße');
  for (const byte of bytes) kept.append(Buffer.from([byte]));
  t.equal(kept.text(), 'Grüße');
});
