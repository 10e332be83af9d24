export { classify } from './classify.js';
export { excerpt } from './excerpt.js';
export { expectedOutcome } from './expectation.js';
export { judge } from './judge.js';
export { type KnownIssue, knownIssueOf } from './known-issues.js';
export { type ReportJson, toJson } from './to-json.js';
export type { Conversation, Diagnosis, Frame, Report, ReportKind } from './types.js';
