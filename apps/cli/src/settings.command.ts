import { SETTINGS, SettingsInvalid, type SettingLine } from '@flow/settings';
import { EXIT } from './command.errors';
import type { Cli } from './installation';
import { settingsOf } from './local.settings';
import { columns, countText, wrap } from './layout';

const INDENT = '    ';

/** `flowctl settings`: all of them, also when some are wrong. */
export function settingsCommand(cli: Cli, options: { json?: boolean }): number {
  const { lines, faults } = readLines(cli);
  const { terminal } = cli;
  if (options.json) terminal.json({ home: cli.home, settings: lines, faults });
  else {
    for (const text of table(cli, lines)) terminal.say(text);
    const changed = lines.filter(isChanged).length;
    terminal.say(`${countText(lines.length, 'setting')}, ${changed} other than their defaults. Read from ${cli.home}.`);
    for (const { message } of faults) terminal.tell(`${terminal.paintTold('red', 'FAULT')}  ${message}`);
  }
  return faults.length > 0 ? EXIT.failed : EXIT.done;
}

function readLines(cli: Cli): { lines: readonly SettingLine[]; faults: SettingsInvalid['faults'] } {
  try {
    return { lines: settingsOf(cli).lines, faults: [] };
  } catch (error) {
    if (error instanceof SettingsInvalid) return { lines: error.readable.lines, faults: error.faults };
    throw error;
  }
}

function isChanged({ name, value }: SettingLine): boolean {
  return value !== SETTINGS[name].fallback;
}

function table({ terminal }: Cli, lines: readonly SettingLine[]): string[] {
  const heads = columns([
    ['SETTING', 'VALUE', 'SOURCE'],
    ...lines.map((line) => {
      const value = line.value === '' ? '-' : line.value;
      const fallback = SETTINGS[line.name].fallback;
      const from = isChanged(line) && fallback !== '' ? `${line.source} (default ${fallback})` : line.source;
      return isChanged(line)
        ? [terminal.paint('bold', line.name), terminal.paint('cyan', value), from]
        : [line.name, value, terminal.paint('dim', from)];
    }),
  ]);
  return heads.flatMap((head, i) => {
    const line = lines[i - 1];
    if (!line) return [terminal.paint('dim', head)];
    const help = wrap(line.help, terminal.width - INDENT.length);
    return [head, ...help.map((text) => terminal.paint('dim', INDENT + text)), ''];
  });
}
