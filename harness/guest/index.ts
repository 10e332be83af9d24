export { type AgentEvents, AgentSession, type Start, type Talk } from './agent.js';
export { feedInput } from './feed-input.js';
export type {
  BeatFrame,
  DoneFrame,
  FactFrame,
  GuestFrame,
  HostFrame,
  NoteFrame,
  ReadyFrame,
  SampleFrame,
} from './types.js';
