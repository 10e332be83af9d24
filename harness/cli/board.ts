import process from 'node:process';
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { counted } from '../host/counted.js';
import { printable } from '../host/printable.js';
import type { AttemptKey } from '../matrix/types.js';
import { seconds } from '../report/words/duration.js';
import type { RunEvent } from '../schedule/types.js';
import { AttemptCount } from './attempt-count.js';
import { fitLines } from './fit-lines.js';
import { progressLine } from './progress-lines.js';
import { UnreachableHosts } from './unreachable-hosts.js';

/** Shows a run on stderr while it goes: a live board of machines on a terminal, plain lines elsewhere. */
export interface Progress {
  on(event: RunEvent): void;
  close(): void;
}

export function progressOn(stream: NodeJS.WriteStream = process.stderr): Progress {
  const live = stream.isTTY === true && process.env.TERM !== 'dumb' && process.env.CI !== 'true';
  return live ? new Board(stream) : new PlainLines(stream);
}

class PlainLines implements Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #count = new AttemptCount();
  readonly #hosts = new UnreachableHosts();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  on(event: RunEvent): void {
    this.#count.on(event);
    const count = event.type === 'attempt-finished' ? `[${this.#count.short()}] ` : '';
    const account = event.type === 'run-finished' ? this.#count.account() : '';
    const { lines, isHeld } = this.#hosts.on(event);
    for (const due of lines) this.#write(due);
    const line = isHeld ? undefined : progressLine(event, pc.createColors(false));
    if (line !== undefined) this.#write(`${count}${line}${account}`);
  }

  close(): void {
    for (const line of this.#hosts.rest()) this.#write(line);
  }

  #write(line: string): void {
    this.#stream.write(`${fitLines(line, this.#stream)}\n`);
  }
}

interface Row {
  readonly cell: string;
  readonly index: number;
  readonly since: number;
  state: string;
  iterations: number;
}

class Board implements Progress {
  readonly #colours = pc.createColors(pc.isColorSupported);
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #stream: NodeJS.WriteStream;
  readonly #started = Date.now();
  readonly #rows = new Map<string, Row>();
  readonly #images = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  #run = '';
  #accelerator = '';
  readonly #count = new AttemptCount();
  readonly #hosts = new UnreachableHosts();
  #unexpected = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#update = createLogUpdate(stream);
    this.#timer = setInterval(() => this.#draw(), 250);
    this.#timer.unref();
  }

  on(event: RunEvent): void {
    this.#count.on(event);
    switch (event.type) {
      case 'run-started':
        this.#run = event.run;
        this.#accelerator = event.accelerator;
        break;
      case 'image-step':
        this.#images.set(event.kernel, event.step);
        return;
      case 'image-progress':
        this.#images.set(event.kernel, `${event.step} ${Math.round(event.fraction * 100)} %`);
        return;
      case 'image-ready':
      case 'image-unavailable':
        this.#images.delete(event.kernel);
        break;
      case 'guest-step':
        this.#images.set(guest, event.step);
        return;
      case 'guest-progress':
        this.#images.set(guest, `${event.step} ${Math.round(event.fraction * 100)} %`);
        return;
      case 'guest-ready':
        this.#images.delete(guest);
        break;
      case 'attempt-started':
        this.#rows.set(idOf(event.key), {
          cell: event.key.cell,
          index: event.key.index,
          since: Date.now(),
          state: 'boot',
          iterations: 0,
        });
        return;
      case 'attempt-state': {
        const row = this.#rows.get(idOf(event.key));
        if (row) Object.assign(row, { state: event.state, iterations: event.iterations });
        return;
      }
      case 'attempt-finished':
        this.#rows.delete(idOf(event.key));
        if (!event.expected) this.#unexpected += 1;
        break;
      case 'kvm-dropped':
        this.#accelerator = 'tcg';
        break;
      case 'image-warning':
      case 'run-warning':
      case 'only-tcg-boots':
      case 'boots-cold':
      case 'not-copied':
      case 'run-finished':
        break;
      default:
        event satisfies never;
    }
    const { lines, isHeld } = this.#hosts.on(event);
    for (const due of lines) this.#say(this.#colours.yellow(due));
    const line = isHeld ? undefined : progressLine(event, this.#colours);
    const account = event.type === 'run-finished' ? this.#count.account() : '';
    this.#say(line === undefined ? undefined : `${line}${account}`);
  }

  close(): void {
    for (const line of this.#hosts.rest()) this.#say(this.#colours.yellow(line));
    clearInterval(this.#timer);
    this.#update.clear();
    this.#update.done();
  }

  /** A line that stays, above the board. */
  #say(line: string | undefined): void {
    if (line === undefined) return;
    this.#update.clear();
    this.#stream.write(`${fitLines(line, this.#stream)}\n`);
    this.#draw();
  }

  #draw(): void {
    const elapsed = (Date.now() - this.#started) / 1000;
    const bad = this.#unexpected > 0 ? this.#colours.red(`, ${this.#unexpected} unexpected`) : '';
    const head = `${this.#colours.bold(this.#run)} ${this.#count.text()}${bad}, ${this.#accelerator}, ${seconds(elapsed)}`;
    const machines = [...this.#rows.values()].map((row) => this.#machineLine(row));
    const images = [...this.#images].map(([kernel, step]) =>
      this.#colours.dim(`  ${kernel}: ${printable(step)}`),
    );
    const begun = this.#run === '' ? [] : [head];
    this.#update(fitLines([...begun, ...machines, ...images].join('\n'), this.#stream));
  }

  #machineLine({ cell, index, since, state, iterations }: Row): string {
    const name = `${cell} #${index}`.padEnd(56);
    const count = iterations > 0 ? counted(iterations, 'iteration') : '';
    return `  ${name} ${state.padEnd(9)} ${count.padEnd(18)} ${seconds((Date.now() - since) / 1000)}`;
  }
}

/** In the place of a kernel's name. */
const guest = 'guest';

const idOf = (key: AttemptKey): string => `${key.cell}#${key.index}`;
