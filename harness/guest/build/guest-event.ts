/** What the compilation of the guest's programs says while it goes; nothing where the cache has them. */
export type GuestEvent =
  | { readonly type: 'guest-step'; readonly step: string }
  | { readonly type: 'guest-progress'; readonly step: string; readonly fraction: number }
  | { readonly type: 'guest-ready'; readonly seconds: number };
