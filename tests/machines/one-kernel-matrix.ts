/** How a small matrix file begins: matrix.yml's own row of one Debian kernel, so that the cache gets no other name. */
export const oneKernelMatrix = `version: 1
defaults: {machine: {cpus: 1, memoryMiB: 128}, attempts: 1, timeoutSeconds: 10}
kernels:
  debian-6.1-cloud:
    line: '6.1'
    flavour: debian
    verified: true
    apt: {distribution: debian, suite: bookworm, package: linux-image-6.1.*-cloud-amd64}
`;
