import { Socket, createServer } from 'node:net';
import { fault, ok, warning, type Finding } from './finding';
import { listenerOn } from './processes.linux';
import { reachable } from './service.address';

const LONGEST_MS = 1_000;
const LONGEST_ANSWER_MS = 3_000;

export interface PortToCheck {
  /** The setting that names it. */
  readonly setting: 'API_SERVER_PORT' | 'API_SERVER_PRIVATE_PORT';
  readonly host: string;
  readonly port: number;
  /** Whether a process has the data folder: then one of ours should listen. */
  readonly isServed: boolean | undefined;
}

/** Who listens on a port of ours, and whether a start could. Sends at most one request, to a probe. */
export async function checkPort(asked: PortToCheck): Promise<Finding> {
  const { setting, port, isServed } = asked;
  const about = `port ${port}`;
  if (port === 0) return ok(about, `${setting} is 0: each start takes a free port.`);
  if (await accepts(asked)) return checkListener(asked);
  const why = await whyNotListen(asked);
  switch (why) {
    case undefined:
      if (!isServed) return ok(about, 'Free.');
      return warning(
        about,
        'Nobody listens, though a process has the data folder.',
        `It is starting or stopping, or it was started with another ${setting}: look again in a moment.`,
      );
    case 'EACCES':
      return fault(about, 'This user may not listen on it.', `Set ${setting} to a port above 1023.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return fault(about, `${asked.host} is no address of this machine.`, 'Correct API_SERVER_HOST.');
    default:
      return fault(about, `It cannot be listened on (${why}).`, `Set ${setting} to another port.`);
  }
}

async function checkListener({ setting, host, port, isServed }: PortToCheck): Promise<Finding> {
  const about = `port ${port}`;
  const listener = listenerOn(port);
  const which = listener ? ` (process ${listener.pid})` : '';
  const who = listener ? ` (process ${listener.pid}: ${listener.command})` : '';
  const elsewhere = `Stop it, or set ${setting} to another port.`;
  const health = await healthAt(host, port);
  if (!health) return fault(about, `Another program listens${who}.`, elsewhere);
  if (isServed === false)
    return fault(about, `A Flow Automation service on another data folder listens${who}.`, elsewhere);
  if (health.status === 'up') return ok(about, `The service listens and is ready${which}.`);
  const down = Object.entries(health.checks).flatMap(([name, word]) => (word === 'up' ? [] : [name]));
  return warning(
    about,
    `The service listens and is not ready${which}: ${down.join(', ') || 'it says no more'}.`,
    'It may be starting or stopping; if it stays so, read its log.',
  );
}

interface Health {
  readonly status: string;
  readonly checks: Readonly<Record<string, string>>;
}

/** What our probe answers; undefined when it is not ours that answers. */
async function healthAt(host: string, port: number): Promise<Health | undefined> {
  try {
    const answer = await fetch(`http://${reachable(host)}:${port}/health/ready`, {
      signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      redirect: 'error',
    });
    const health = (await answer.json()) as Partial<Health> | null;
    const isOurs = (health?.status === 'up' || health?.status === 'down') && typeof health.checks === 'object';
    return isOurs ? (health as Health) : undefined;
  } catch {
    return undefined;
  }
}

async function accepts({ host, port }: PortToCheck): Promise<boolean> {
  const socket = new Socket();
  try {
    return await new Promise<boolean>((resolve) => {
      socket.setTimeout(LONGEST_MS, () => resolve(false));
      socket.once('error', () => resolve(false));
      socket.connect(port, reachable(host).replace(/^\[|\]$/g, ''), () => resolve(true));
    });
  } finally {
    socket.destroy();
  }
}

/** The system's reason against listening; undefined when there is none. */
async function whyNotListen({ host, port }: PortToCheck): Promise<string | undefined> {
  const server = createServer();
  const why = await new Promise<string | undefined>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => resolve(undefined));
  });
  if (why === undefined) await new Promise((resolve) => server.close(resolve));
  return why;
}
