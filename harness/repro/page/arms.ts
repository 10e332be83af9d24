/** An arm of #407's experiment: what provokes it, on which kind of kernel, and what it is held against. */
export interface Arm {
  readonly id:
    | 'exec-poisoned'
    | 'exec-stock'
    | 'reap-poisoned'
    | 'reap-stock'
    | 'docker-poisoned'
    | 'docker-stock';
  readonly title: string;
  /** Workloads of matrix.yml that are this arm, under all names they have had. */
  readonly workloads: readonly string[];
  /** The same without what provokes it; none for docker-2013, which is as it was then. */
  readonly controls: readonly string[];
  readonly boot: 'default' | 'poisoned';
}

const exec = ['pidns-exec', 'pidns-exec-alone', 'pidns-teardown'];
const execControls = ['pidns-exec-leader', 'pidns-teardown-leader'];
const reap = ['pidns-reap'];
const reapControls = ['pidns-reap-default'];
const docker = ['docker-2013', 'docker-2013-1cpu'];

export const arms: readonly Arm[] = [
  {
    id: 'exec-poisoned',
    title: 'exec by a thread, freed memory poisoned',
    workloads: exec,
    controls: execControls,
    boot: 'poisoned',
  },
  {
    id: 'exec-stock',
    title: 'exec by a thread, stock kernel',
    workloads: exec,
    controls: execControls,
    boot: 'default',
  },
  {
    id: 'reap-poisoned',
    title: 'self-reaping child, freed memory poisoned',
    workloads: reap,
    controls: reapControls,
    boot: 'poisoned',
  },
  {
    id: 'reap-stock',
    title: 'self-reaping child, stock kernel',
    workloads: reap,
    controls: reapControls,
    boot: 'default',
  },
  {
    id: 'docker-poisoned',
    title: 'as Docker ran it, freed memory poisoned',
    workloads: docker,
    controls: [],
    boot: 'poisoned',
  },
  {
    id: 'docker-stock',
    title: 'as Docker ran it, stock kernel',
    workloads: docker,
    controls: [],
    boot: 'default',
  },
];
