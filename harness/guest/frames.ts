import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { GuestFrame, HostFrame } from './types.js';

/** A frame as it came: who wrote it, and that writer's number for it. */
export interface Received {
  readonly n: number;
  readonly from: 'agent' | 'beat';
  readonly frame: GuestFrame;
}

/** One line of ttyS1, its newline included. */
export function encodeFrame(n: number, body: HostFrame): string {
  const text = JSON.stringify(body);
  return `{"n":${n},"crc":"${checksum(text)}","body":${text}}\n`;
}

/** The frame in a line, or undefined where the line is none: cut, garbled, of another protocol or out of bounds. */
export function decodeFrame(line: Buffer): Received | undefined {
  // latin1 keeps one character a byte, so that the checksum is over the bytes that came
  const [, n, crc, body] = envelope.exec(line.toString('latin1')) ?? [];
  if (n === undefined || crc === undefined || body === undefined) return undefined;
  const bytes = Buffer.from(body, 'latin1');
  if (checksum(bytes) !== crc) return undefined;
  const parsed = bodySchema.safeParse(json(bytes.toString('utf8')));
  if (!parsed.success) return undefined;
  const { from, ...frame } = parsed.data;
  return { n: Number(n), from, frame };
}

const envelope = /^\{"n":(\d{1,15}),"crc":"([0-9a-f]{8})","body":(\{.*\})\}\r?$/s;

const checksum = (data: string | Buffer): string => crc32(data).toString(16).padStart(8, '0');

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const short = z.string().max(256);
const long = z.string().max(4096);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const seconds = z.number().min(0).max(1e9);
const stream = z.union([z.literal(1), z.literal(2)]);
const from = z.enum(['agent', 'beat']).default('agent');

const bodySchema = z.discriminatedUnion('type', [
  z.object({
    from,
    type: z.literal('ready'),
    protocol: z.literal(1),
    release: short,
    uptime: seconds,
    calibrationNs: z.number().positive().max(1e15),
    modules: z.array(short).max(500),
    moduleFailures: z.array(short).max(500),
  }),
  z.object({
    from,
    type: z.literal('beat'),
    beat: count,
    uptime: seconds,
    iterations: count,
    memFreeKiB: count,
  }),
  z.object({ from, type: z.literal('sample'), name: short, value: z.number(), uptime: seconds }),
  z.object({
    from,
    type: z.literal('fact'),
    name: short,
    value: z.union([z.boolean(), z.number(), long, z.null()]),
    module: short.optional(),
    evidence: long,
  }),
  z.object({
    from,
    type: z.literal('done'),
    status: z.enum(['passed', 'failed', 'unsupported', 'killed']),
    exitStatus: z.number().int(),
    signal: z.number().int(),
    iterations: count,
    stopped: z.boolean(),
    reason: long,
    seconds,
  }),
  z.object({ from, type: z.literal('refused'), reason: long }),
  z.object({ from, type: z.literal('note'), text: long }),
  z.object({ from, type: z.literal('output'), stream, at: count, data: z.base64().max(2048) }),
  z.object({
    from,
    type: z.literal('shared-output'),
    stream,
    at: count,
    slot: z.number().int().min(2).max(15),
    length: z.number().int().min(0).max(0x1_0000),
    crc: z.string().regex(/^[0-9a-f]{8}$/),
  }),
  z.object({ from, type: z.literal('taken'), bytes: count, closed: z.boolean(), exchange: z.boolean() }),
]) satisfies z.ZodType<GuestFrame & { from: 'agent' | 'beat' }>;
