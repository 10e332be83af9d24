import t from 'tap';
import { chooseStart } from '../../harness/templates/choose-start.js';

const few = { cold: false, attempts: 15 };
const many = { cold: false, attempts: 16 };

t.test('many attempts are worth a boot, few are restored from what is there', async (t) => {
  t.equal(chooseStart(few, 'auto', 'tcg'), 'template');
  t.equal(chooseStart(many, 'auto', 'tcg'), 'fork');
});

t.test(
  'machines of KVM are restored, unless a copy is asked for by name, which is then refused',
  async (t) => {
    t.equal(chooseStart(many, 'auto', 'kvm'), 'template');
    t.equal(chooseStart(many, 'fork', 'kvm'), 'fork');
  },
);

t.test('what was asked for holds for few and many, but a cell that boots boots', async (t) => {
  for (const wish of ['fork', 'template', 'cold'] as const) {
    t.equal(chooseStart(few, wish, 'tcg'), wish);
    t.equal(chooseStart(many, wish, 'tcg'), wish);
    t.equal(chooseStart({ ...many, cold: true }, wish, 'tcg'), 'cold');
  }
});
