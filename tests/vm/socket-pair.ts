import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Two ends of a connection, as between kmatrix and QEMU. */
export async function socketPair(): Promise<readonly [near: Socket, far: Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const near = connect(address.port, address.address);
  const [far]: Socket[] = await once(server, 'connection');
  server.close();
  if (far === undefined) throw new Error('no connection');
  return [near, far];
}
