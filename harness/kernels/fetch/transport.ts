import type { Dispatcher } from 'undici';
import { kmatrixVersion } from '../../host/version.js';

/** kmatrix/VERSION: whoever keeps an archive can see who asks, and how to tell us off. */
export const userAgent = `kmatrix/${kmatrixVersion}`;

/**
 * The connections of this process, made on first use: one per host, and through the proxies that http_proxy, https_proxy
 * and no_proxy name (node's own fetch reads none of them). undici itself is loaded then, too: it is a sixth of what starting
 * kmatrix costs, and most commands download nothing.
 */
export async function transport(): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  shared ??= proxyVariables.some((name) => process.env[name])
    ? new EnvHttpProxyAgent(options)
    : new Agent(options);
  return shared;
}

let shared: Dispatcher | undefined;

const proxyVariables = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'];

/** A header of more than 16 KiB is no archive's. */
const options = { connections: 1, pipelining: 1, maxHeaderSize: 16_384, connect: { timeout: 30_000 } };
