import { execa } from 'execa';
import t from 'tap';
import { compareDebianVersions } from '../../../harness/kernels/fetch/debian-version.js';

t.test('versions order as dpkg orders them', async (t) => {
  const versions = [
    '6.1.0-9',
    '6.1.0-50',
    '6.1.99-1',
    '6.1.192-2',
    '6.1.192-2+b1',
    '6.1.192-2~bpo11+1',
    '1:1.0',
    '1.0~rc1',
    '1.0',
    '1.',
    '7.2.13-1',
    '5.10.262-1',
    '20110427',
    '1.0a',
    '1.0+x',
  ];
  for (const a of versions) {
    for (const b of versions) {
      const operator = ['lt', 'eq', 'gt'][Math.sign(compareDebianVersions(a, b)) + 1] ?? '';
      const { exitCode } = await execa('dpkg', ['--compare-versions', a, operator, b], { reject: false });
      if (exitCode !== 0) t.fail(`${a} ${operator} ${b} is not what dpkg says`);
    }
  }
  t.pass(`${versions.length ** 2} pairs`);
});
