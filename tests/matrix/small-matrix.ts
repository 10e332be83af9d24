/** A matrix of two kernels, with every section in it. Tests change single words of it and count its lines. */
export const smallMatrix = `version: 1
defaults:
  machine: {cpus: 2, memoryMiB: 96}
  attempts: 3
  timeoutSeconds: 7
kernels:
  debian-6.1:
    line: '6.1'
    flavour: debian
    verified: true
    apt: {distribution: debian, suite: bookworm, package: linux-image-6.1.*-cloud-amd64}
  vanilla-3.2: {line: '3.2', flavour: vanilla, verified: false, tree: {supplied: true}}
  vanilla-2.6.31: {line: '2.6.31', flavour: vanilla, verified: false, imported: old}
workloads:
  lifecycle: {program: lifecycle, iterations: 5}
  netns-churn: {program: netns-churn, iterations: 2, timeoutSeconds: 1.5, machine: {cpus: 1, memoryMiB: 64}}
  burn: {program: burn, iterations: 1}
  control-panic: {program: control-panic, iterations: 1}
storage: {plain: {}, overlay: {modules: [overlay]}}
boot: {default: [], poisoned: [slub_debug=FZP]}
controls:
  panic:
    role: known-bad
    kernels: [debian-6.1]
    workload: control-panic
    outcomes: [panic]
    because: SysRq c
  quiet: {role: known-good, kernels: [debian-6.1, vanilla-3.2], workload: burn, outcomes: [stable], because: harmless}
expected:
  - {kernel: vanilla-*, workload: netns-churn, outcomes: [stable, oops], because: known}
profiles:
  all:
    kernel: debian-*
    workload: lifecycle
    storage: plain
    boot: default
    include:
      - {kernel: vanilla-3.2, workload: netns-churn, storage: '*', boot: default, attempts: 5}
    exclude:
      - {storage: overlay}
  old: {kernel: vanilla-2.6.31, workload: lifecycle, storage: plain, boot: default}
`;
