import t from 'tap';
import { machineExit } from '../../harness/vm/exit.js';

const clean = {
  exitCode: 0,
  signal: null,
  stderr: '',
  shutdownReason: null,
  ...{ killedByUs: false, askedToQuit: false },
};

t.test('QEMU ends with 0 in three ways that differ', async (t) => {
  t.equal(machineExit({ ...clean, shutdownReason: 'guest-shutdown' }).how, 'done');
  t.equal(machineExit({ ...clean, shutdownReason: 'guest-reset' }).how, 'done');
  t.equal(
    machineExit({ ...clean, shutdownReason: 'host-qmp-quit', killedByUs: true, askedToQuit: true }).how,
    'killed',
  );
  t.equal(machineExit({ ...clean, shutdownReason: 'host-signal' }).how, 'died', 'somebody else sent SIGTERM');
});

t.test('a guest that was through before we killed QEMU is done', async (t) => {
  t.equal(
    machineExit({ ...clean, shutdownReason: 'guest-reset', killedByUs: true, signal: 'SIGKILL' }).how,
    'done',
  );
});

t.test('without a word of the guest and not by us, QEMU died', async (t) => {
  t.equal(machineExit({ ...clean, exitCode: null, signal: 'SIGKILL' }).how, 'died');
  t.equal(machineExit({ ...clean, exitCode: 1, stderr: 'could not load kernel' }).how, 'died');
});

t.test('a QEMU that crashed died, also where we killed it before its end was told', async (t) => {
  t.equal(machineExit({ ...clean, exitCode: null, signal: 'SIGSEGV', killedByUs: true }).how, 'died');
  t.equal(machineExit({ ...clean, exitCode: 1, killedByUs: true }).how, 'died');
  t.equal(machineExit({ ...clean, exitCode: null, signal: 'SIGKILL', killedByUs: true }).how, 'killed');
});

t.test('a guest that resets before QMP tells events is done, though nobody heard of it', async (t) => {
  t.equal(machineExit(clean).how, 'done');
  t.equal(machineExit({ ...clean, killedByUs: true }).how, 'done', 'SIGKILL came too late');
  t.equal(machineExit({ ...clean, killedByUs: true, askedToQuit: true }).how, 'killed');
  t.equal(machineExit({ ...clean, stderr: 'qemu: terminating on signal 15 from pid 1 (init)' }).how, 'died');
});
