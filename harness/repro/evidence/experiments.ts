/** A workload that provokes #407, and the one that it is held against: the same without the cause. */
export interface Experiment {
  readonly kind: 'exec' | 'reap' | 'docker';
  /** Id of matrix.yml. */
  readonly workload: string;
  readonly control: string;
  readonly title: string;
}

export const experiments: readonly Experiment[] = [
  {
    kind: 'exec',
    workload: 'pidns-exec',
    control: 'pidns-exec-leader',
    title: 'exec by a thread, refused mounts beside it',
  },
  {
    kind: 'exec',
    workload: 'pidns-exec-alone',
    control: 'pidns-exec-alone-leader',
    title: 'exec by a thread, nothing beside it',
  },
  { kind: 'reap', workload: 'pidns-reap', control: 'pidns-reap-default', title: 'self-reaping child' },
  {
    kind: 'docker',
    workload: 'docker-2013',
    control: 'docker-2013-leader',
    title: 'as Docker ran it, two vCPUs',
  },
  {
    kind: 'docker',
    workload: 'docker-2013-1cpu',
    control: 'docker-2013-1cpu-leader',
    title: 'as Docker ran it, one vCPU',
  },
];
