/** The part of jstat that is used; it ships no types. */
declare module 'jstat' {
  const jstat: {
    readonly beta: {
      /** Quantile of the beta distribution. */
      inv(probability: number, alpha: number, beta: number): number;
    };
    readonly normal: {
      /** Quantile of the normal distribution. */
      inv(probability: number, mean: number, deviation: number): number;
    };
  };
  // biome-ignore lint/style/noDefaultExport: that is how the library exports itself
  export default jstat;
}
