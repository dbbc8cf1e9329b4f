import { AppError } from '@flow/kernel';
import type { Settings } from '@flow/settings';
import { createServer } from 'node:net';

export class PortTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'port.taken';
  constructor(settings: Settings, port: number) {
    const name = port === settings.apiServerPort ? 'API_SERVER_PORT' : 'API_SERVER_PRIVATE_PORT';
    super(
      `${settings.apiServerHost}:${port} is in use by another program. Set ${name} to another port (0 takes a free one).`,
      { port },
    );
  }
}

/** Asked before anything is taken over: a start that cannot listen must not have begun to work. @throws PortTaken */
export async function assertFree(settings: Settings, port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) =>
      probe.once('error', reject).listen(port, settings.apiServerHost, resolve),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTaken(settings, port);
    throw error;
  }
  await new Promise((resolve) => probe.close(resolve));
}
