import t from 'tap';
import { incomingUri } from '../../harness/vm/saved-state.js';

t.test('a state comes by the descriptor, or as a file where QEMU has given that up', async (t) => {
  const uri = (version: string) => incomingUri({ binary: 'qemu', version }, '/proc/1/fd/20');
  for (const version of ['4.2.1', '7.2.22', '9.0.4']) t.equal(uri(version), 'fd:6', version);
  for (const version of ['9.1', '9.1.0', '10.0.13', '11.0.0'])
    t.equal(uri(version), 'file:/proc/1/fd/20', version);
});
