import { once } from 'node:events';
import type { Socket } from 'node:net';
import { crc32 } from 'node:zlib';
import { AgentSession } from '../../harness/guest/agent.js';
import type { HostFrame } from '../../harness/guest/types.js';
import { SerialPort } from '../../harness/vm/serial-port.js';
import { socketPair } from '../vm/socket-pair.js';

/** A guest's end of the channel: says frames, and hears what the host says. */
export class GuestPeer {
  /** Types of the frames that came. */
  readonly heard: string[] = [];
  onFrame = (_: HostFrame): void => {};
  #n = 0;
  #rest = '';

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      const lines = `${this.#rest}${chunk}`.split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines.filter(Boolean)) {
        const frame: HostFrame = JSON.parse(line).body;
        this.heard.push(frame.type);
        this.onFrame(frame);
      }
    });
  }

  say(body: object, n = ++this.#n): void {
    this.#n = n;
    const text = JSON.stringify({ from: 'agent', ...body });
    this.socket.write(`{"n":${n},"crc":"${crc32(text).toString(16).padStart(8, '0')}","body":${text}}\n`);
  }

  async hear(type: string): Promise<void> {
    while (!this.heard.includes(type)) await once(this.socket, 'data');
  }
}

/** A session and the guest's end of it; both go with the test. */
export async function guestPeer(t: { teardown(end: () => void): void }, now?: () => number) {
  const [near, far] = await socketPair();
  t.teardown(() => {
    near.destroy();
    far.destroy();
  });
  const session = new AgentSession(new SerialPort(near), now);
  return { session, peer: new GuestPeer(far), near };
}
