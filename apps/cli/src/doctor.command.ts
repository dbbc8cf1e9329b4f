import { resolve } from 'node:path';
import { EXIT } from './command.errors';
import { DATABASES } from './databases';
import { checkData, checkNode, checkSettings, messageOf } from './doctor.checks';
import { fault, type Finding } from './finding';
import type { Cli } from './installation';
import { countText, padEnd, widthOf, wrap } from './layout';
import { checkPort } from './port.check';
import type { State } from './terminal';
import type { Settings } from '@flow/settings';

/** `flowctl doctor`: looks at everything that a start and a running service need, and changes none of it. */
export async function doctorCommand(cli: Cli, options: { json?: boolean }): Promise<number> {
  const findings = await examine(cli);
  const count = (state: State) => findings.filter((finding) => finding.state === state).length;
  const healthy = count('fault') === 0;
  if (options.json) cli.terminal.json({ version: cli.installation.version, home: cli.home, healthy, findings });
  else {
    print(cli, findings);
    cli.terminal.say();
    cli.terminal.say(
      findings.length === count('ok')
        ? 'All is well.'
        : `${countText(count('fault'), 'fault')}, ${countText(count('warning'), 'warning')}.`,
    );
  }
  return healthy ? EXIT.done : EXIT.failed;
}

interface DataChecks {
  /** Undefined where no folder tells it. */
  readonly isServed: boolean | undefined;
  readonly findings: Finding[];
}

async function examine(cli: Cli): Promise<Finding[]> {
  const { settings, findings } = checkSettings(cli);
  const data = checkFolderOf(settings, cli.home);
  const servers = await serversOf(settings, cli.home);
  const { apiServerHost: host } = settings;
  const ports = [
    { setting: 'API_SERVER_PORT', port: settings.apiServerPort },
    { setting: 'API_SERVER_PRIVATE_PORT', port: settings.apiServerPrivatePort },
  ] as const;
  const checks = ports.map(({ setting, port }) =>
    host === undefined || port === undefined ? [] : [checkPort({ setting, host, port, isServed: data.isServed })],
  );
  const node = checkNode(cli.installation.oldestNode);
  return [node, ...findings, ...servers, ...data.findings, ...(await Promise.all(checks.flat()))];
}

/** Drivers are loaded where servers are named. */
async function serversOf(settings: Partial<Settings>, home: string): Promise<Finding[]> {
  const { mongodbUrl, mariadbUrl, redisUrl } = settings;
  if (!mongodbUrl && !mariadbUrl && !redisUrl) return [];
  const { checkServers } = await import('./production.checks.js');
  return checkServers(settings, home);
}

/** Where servers are named nothing is in the folder, and any number of processes may serve. */
function checkFolderOf(settings: Partial<Settings>, home: string): DataChecks {
  const { dataDir, mongodbUrl, mariadbUrl } = settings;
  if (mongodbUrl && mariadbUrl) return { isServed: undefined, findings: [] };
  return dataDir === undefined ? { isServed: false, findings: [] } : checkDataSafely(resolve(home, dataDir), settings);
}

/** A folder in a state that the checks did not foresee is a finding too. */
function checkDataSafely(dataDir: string, settings: Parameters<typeof checkData>[1]): DataChecks {
  try {
    return checkData(dataDir, settings);
  } catch (error) {
    const names = DATABASES.map(({ file }) => file).join(' and ');
    return {
      isServed: false,
      findings: [
        fault(
          'folder',
          `${dataDir} could not be looked at: ${messageOf(error)}.`,
          `Make sure that it is a folder that this user can read, with ${names} in it; else restore a backup.`,
        ),
      ],
    };
  }
}

function print({ terminal, installation, home }: Cli, findings: readonly Finding[]): void {
  const aboutWidth = Math.max(...findings.map(({ about }) => widthOf(about)));
  const indent = ' '.repeat(8 + aboutWidth + 3);
  const wide = terminal.width - indent.length;
  terminal.say(terminal.paint('bold', `Flow Automation ${installation.version}`) + `, settings of ${home}`);
  terminal.say();
  for (const { about, state, message, advice } of findings) {
    const [first = '', ...rest] = wrap(message, wide);
    terminal.say(`${terminal.mark(state)} ${padEnd(about, aboutWidth)}  ${first}`);
    for (const line of rest) terminal.say(indent + line);
    if (advice === undefined) continue;
    wrap(advice, wide - 3).forEach((line, i) => {
      terminal.say(terminal.paint('cyan', `${indent}${i === 0 ? '-> ' : '   '}${line}`));
    });
  }
}
