/** k of n: attempts in which something failed, of those that say anything. */
export interface Count {
  readonly failing: number;
  readonly of: number;
}
