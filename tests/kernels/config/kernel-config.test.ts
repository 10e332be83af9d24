import t from 'tap';
import { UsageError } from '../../../harness/errors.js';
import { parseKernelConfig } from '../../../harness/kernels/config/kernel-config.js';

t.test('reads values, unset options and the version of either era', async (t) => {
  const old = parseKernelConfig(
    '#\n# Linux kernel version: 2.6.32.69\n# Tue Nov 24\n#\nCONFIG_64BIT=y\n# CONFIG_X86_32 is not set\nCONFIG_HZ=250\n' +
      'CONFIG_LOCALVERSION="-a \\"b\\""\nCONFIG_PHYSICAL_START=0x1000000\nCONFIG_VETH=m\n',
    'test',
  );
  t.equal(old.version, '2.6.32.69');
  t.same(Object.fromEntries(old.values), {
    '64BIT': 'y',
    X86_32: 'n',
    HZ: '250',
    LOCALVERSION: '"-a \\"b\\""',
    PHYSICAL_START: '0x1000000',
    VETH: 'm',
  });
  const of = (line: string) => parseKernelConfig(`${line}\nCONFIG_A=y\n`, 'test').version;
  t.equal(of('# Linux/x86_64 3.2.71 Kernel Configuration'), '3.2.71');
  t.equal(of('# Linux/x86 6.1.192 Kernel Configuration'), '6.1.192');
  t.equal(of('# Linux/x86_64 3.5.0-27-generic Kernel Configuration'), '3.5.0-27-generic');
  t.equal(of('# a configuration'), null);
});

t.test('of two assignments the last one counts; CRLF is no harm', async (t) => {
  t.equal(parseKernelConfig('CONFIG_A=y\r\nCONFIG_A=m\r\n', 'test').values.get('A'), 'm');
  t.equal(parseKernelConfig('CONFIG_A=y\n# CONFIG_A is not set\n', 'test').values.get('A'), 'n');
});

t.test('anything that kconfig does not write is an error with its line', async (t) => {
  const bad = {
    'cut in the middle': 'CONFIG_A=y\nCONFIG_NAMESPA',
    'a merge conflict': 'CONFIG_A=y\n<<<<<<< HEAD\n',
    'a value of no kind': 'CONFIG_A=maybe\n',
    'another file': '[section]\nkey=value\n',
    'control characters': 'CONFIG_A=y\n\u001b[31mred\n',
  };
  for (const [name, text] of Object.entries(bad)) {
    t.throws(() => parseKernelConfig(text, 'some/file'), { name: 'UsageError', where: 'some/file' }, name);
  }
  try {
    parseKernelConfig(bad['control characters'], 'f');
  } catch (error) {
    t.notMatch(String(error), '\u001b', 'and the error is safe to print');
    t.match(String(error), /line 2/);
  }
});

t.test('a file without any option is no configuration', async (t) => {
  t.throws(() => parseKernelConfig('', 'empty'), UsageError);
  t.throws(() => parseKernelConfig('# Linux/x86_64 3.2.71 Kernel Configuration\n', 'header'), UsageError);
});
