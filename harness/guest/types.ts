/**
 * The agent protocol (images/guest/PROTOCOL.md). ttyS1 carries one frame a line, both ways:
 *
 *   {"n":7,"crc":"89abcdef","body":{"type":"beat",...}}
 *
 * crc is the CRC-32 (IEEE, as zlib's) in lower-case hex of the bytes of body as they stand in the line; n counts up
 * per writer (`from` in the body: the agent and its heartbeat are two writers). A line that is not such a frame is
 * counted and kept as evidence, never fatal.
 */

export type GuestFrame =
  | ReadyFrame
  | BeatFrame
  | SampleFrame
  | FactFrame
  | DoneFrame
  | RefusedFrame
  | NoteFrame
  | OutputFrame
  | SharedOutputFrame
  | TakenFrame;

/** PID 1 has mounted what it needs and loaded the modules; sent again after each `hello`. */
export interface ReadyFrame {
  readonly type: 'ready';
  readonly protocol: 1;
  /** uname -r */
  readonly release: string;
  /** Seconds since power-on by the guest's own clock. */
  readonly uptime: number;
  /** Nanoseconds that the calibration loop took in the guest; the same binary takes them on the host. */
  readonly calibrationNs: number;
  /** Modules loaded, and those that failed: name and errno text. */
  readonly modules: readonly string[];
  readonly moduleFailures: readonly string[];
}

/** Once a second from the heartbeat process. */
export interface BeatFrame {
  readonly type: 'beat';
  readonly beat: number;
  readonly uptime: number;
  /** Iterations that the workload has finished; 0 before it started. */
  readonly iterations: number;
  readonly memFreeKiB: number;
}

/** A number over time: {name: "netns-backlog", value: 12}. */
export interface SampleFrame {
  readonly type: 'sample';
  readonly name: string;
  readonly value: number;
  readonly uptime: number;
}

/** A probed feature, as typed data with its evidence. */
export interface FactFrame {
  readonly type: 'fact';
  /** namespace.pid, setns.net, cgroup.memory, filesystem.aufs, criu.kcmp, … */
  readonly name: string;
  /** null: the probe itself failed, or the part's module doesn't load, as its evidence says. */
  readonly value: boolean | number | string | null;
  /**
   * Of a part of the kernel: the module that was loaded for it, '' where it is there without, or isn't. Absent where it is
   * something that the kernel does, or measures.
   */
  readonly module?: string | undefined;
  /** How it was seen: "unshare(CLONE_NEWPID) = 0", "mount: ENODEV". */
  readonly evidence: string;
}

/** The workload's end. */
export interface DoneFrame {
  readonly type: 'done';
  readonly status: 'passed' | 'failed' | 'unsupported' | 'killed';
  /** Exit status, or the signal that killed it. */
  readonly exitStatus: number;
  readonly signal: number;
  readonly iterations: number;
  /** True where the host asked it to stop before its iterations were through: right-censored. */
  readonly stopped: boolean;
  /** The first failed self-check or the missing feature, in the workload's own words. */
  readonly reason: string;
  readonly seconds: number;
}

/** No workload was started, and why, in the agent's words. */
export interface RefusedFrame {
  readonly type: 'refused';
  readonly reason: string;
}

/** A line for people: what the workload is doing now. */
export interface NoteFrame {
  readonly type: 'note';
  readonly text: string;
}

/** A piece of a stream in the machine's exchange memory (images/guest/lib/km_exchange.h). */
export interface SharedPiece {
  readonly length: number;
  /** As a frame's. */
  readonly crc: string;
}

/** A piece of what a command wrote. */
export interface OutputFrame {
  readonly type: 'output';
  /** Its standard output, or its standard error. */
  readonly stream: 1 | 2;
  /** Bytes of the stream before this piece. */
  readonly at: number;
  /** In base64. */
  readonly data: string;
}

/** The same, in one of the exchange memory's slots. */
export interface SharedOutputFrame extends Omit<OutputFrame, 'type' | 'data'>, SharedPiece {
  readonly type: 'shared-output';
  readonly slot: number;
}

/** The last piece of input is in the workload's pipe. */
export interface TakenFrame {
  readonly type: 'taken';
  /** Of the whole stream so far. */
  readonly bytes: number;
  /** True where no more is wanted: that was the end, or nobody reads any more. */
  readonly closed: boolean;
  /** Whether the guest has exchange memory, for pieces that are larger. */
  readonly exchange: boolean;
}

export interface InputFrame {
  readonly type: 'input';
  /** Bytes of the stream before this piece. */
  readonly at: number;
  /** In base64, 3,000 bytes at most. */
  readonly data: string;
  /** Standard input ends with this piece. */
  readonly end: boolean;
}

/** The same, in the exchange memory's slot for it. */
export interface SharedInputFrame extends Omit<InputFrame, 'type' | 'data'>, SharedPiece {
  readonly type: 'shared-input';
}

export type HostFrame =
  | { readonly type: 'hello' }
  | {
      readonly type: 'start';
      readonly workload: string;
      readonly seed: number;
      readonly iterations: number;
      /** Wall-clock of the host, seconds since the epoch, and 32 bytes of entropy in hex. */
      readonly time: number;
      readonly entropy: string;
      readonly args: Readonly<Record<string, string | number>>;
      /** Id of what the slot holds (StartFiles): the agent brings it to /files first. */
      readonly files?: string;
      /** Gives the workload a pipe for its standard input, which `input` fills. */
      readonly feed?: true;
    }
  /** A piece of standard input; the next one follows `taken`. */
  | InputFrame
  | SharedInputFrame
  /** Finish the current iteration, then say done. */
  | { readonly type: 'stop' }
  | { readonly type: 'poweroff' };
