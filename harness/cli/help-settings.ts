import { Help, type HelpConfiguration } from 'commander';
import { projectRoot } from '../host/project.js';

/**
 * How --help looks. Commander wraps what it lays out to the terminal's width, or 80 columns; examples, which it doesn't,
 * are written for 80.
 */
export const helpSettings: HelpConfiguration = {
  sortSubcommands: false,
  // a command's own help has its arguments; here they would push the summaries over the edge
  subcommandTerm: (command) => command.name(),
  // a path of this host breaks no lines, and a list that is empty says nothing
  optionDescription: (option) =>
    new Help()
      .optionDescription(option)
      .replace(' (default: [])', '')
      .replace(`"${projectRoot}/`, '"')
      .replace(/"(matrix\.yml|results)"/, '$1 of this checkout'),
};
