/** Progress of compiling the guest programs, or of waiting for another process that does; none where the cache has them. */
export type GuestEvent =
  | { readonly type: 'guest-step'; readonly step: string }
  | { readonly type: 'guest-progress'; readonly step: string; readonly fraction: number }
  | { readonly type: 'guest-ready'; readonly seconds: number };
