import pc from 'picocolors';
import { printable } from '../../host/printable.js';
import type { ConfigVerdict, GroupVerdict, OptionVerdict } from '../../kernels/config/check-config.js';
import { optionGroups } from '../../kernels/config/option-table.js';
import type { Colours } from './colours.js';

/** A verdict as lines for a terminal: group by group, what is missing with what it is for. */
export function configLines(kernel: string, verdict: ConfigVerdict, colourful: boolean): string[] {
  const colour = pc.createColors(colourful);
  return [
    colour.bold(`${printable(kernel, 200)}, judged as Linux ${printable(verdict.version, 80)}`),
    ...optionGroups.flatMap((group) => groupLines(verdict[group], colour)),
  ];
}

function groupLines(group: GroupVerdict, colour: Colours): string[] {
  const unwanted = group.unwanted.length === 0 ? '' : `, ${group.unwanted.length} in the way`;
  const missing = group.missing.length === 0 ? 'all there' : `${group.missing.length} missing`;
  const title = `${group.title}: ${missing}${unwanted}`;
  const drivers = [...new Set(group.options.map(({ driver }) => driver))];
  return [
    '',
    colour.bold(title),
    ...drivers.flatMap((driver) => [
      ...(driver === null ? [] : [`  ${driver}`]),
      ...group.options
        .filter((option) => option.driver === driver)
        .map((option) => `${driver === null ? '' : '  '}${optionLine(option, colour)}`),
    ]),
  ];
}

function optionLine(option: OptionVerdict, colour: Colours): string {
  const name = option.name === option.option ? option.name : `${option.name} (${option.option})`;
  const remarks = [
    ...(option.status === 'missing' || option.status === 'unwanted' ? [option.why] : []),
    ...(option.note ? [option.note] : []),
  ];
  const word = colourOf[option.status](colour)(words[option.status].padEnd(15));
  return `  ${word}${remarks.length === 0 ? name : `${name}: ${remarks.join('; ')}`}`;
}

const words = {
  enabled: 'enabled',
  module: 'module',
  missing: 'missing',
  'not-applicable': 'not applicable',
  unwanted: 'in the way',
  off: 'off, as wanted',
} as const satisfies Record<OptionVerdict['status'], string>;

const colourOf = {
  enabled: (colour: Colours) => colour.green,
  module: (colour: Colours) => colour.green,
  missing: (colour: Colours) => colour.red,
  'not-applicable': (colour: Colours) => colour.dim,
  unwanted: (colour: Colours) => colour.red,
  off: (colour: Colours) => colour.green,
} as const satisfies Record<OptionVerdict['status'], unknown>;
