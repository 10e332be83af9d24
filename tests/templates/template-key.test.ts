import t from 'tap';
import { templateKey } from '../../harness/templates/template-key.js';
import type { MachineSpec } from '../../harness/vm/types.js';
import { madeUpSpec } from '../vm/made-up-spec.js';

const keyOf = (over: Partial<MachineSpec> = {}): Promise<string> =>
  templateKey({ imageId: 'image', spec: { ...madeUpSpec, ...over }, calibrationNs: 1 });

t.test('a template’s key goes by what its files hold, not by where they lie', async (t) => {
  const plain = await keyOf();
  t.equal(await keyOf({ bzImage: '/elsewhere/bzImage' }), plain);
  t.equal(await keyOf({ disks: [] }), plain);
  const withDisk = await keyOf({ disks: [{ id: 'a', path: '/here' }] });
  t.not(withDisk, plain);
  t.equal(await keyOf({ disks: [{ id: 'a', path: '/there' }] }), withDisk);
  t.not(await keyOf({ disks: [{ id: 'b', path: '/here' }] }), withDisk);
});
