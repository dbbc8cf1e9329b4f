import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { RunState } from '@flow/engine';
import { isId, type DomainId, type InstanceId, type Json } from '@flow/kernel';
import { CallbackNotFound, RunnerStopping } from './instance.errors';
import { CallbackAddresses } from './operator-calls';
import type { RunViews } from './run-views';
import type { Runner } from './runner';

const MAC_BYTES = 32;
const IV_BYTES = 16;
const CIPHER = 'aes-256-ctr';

interface Place {
  readonly domain: DomainId;
  readonly instance: InstanceId;
  readonly path: string;
  readonly attempt: number;
}

/**
 * Addresses at which callbacks are waited for. A token is its place, encrypted under its own authentication code (the SIV construction):
 * 256 bits that nobody makes without the key, the same whenever the same attempt asks, and nothing has to be stored or looked up.
 */
export class SealedCallbackAddresses extends CallbackAddresses {
  private readonly macKey: Buffer;
  private readonly cipherKey: Buffer;

  constructor(
    key: Uint8Array,
    /** Where this service is reached from outside, with the prefix of its API. */
    private readonly base: () => string,
  ) {
    super();
    this.macKey = createHmac('sha256', key).update('callback token: authentication').digest();
    this.cipherKey = createHmac('sha256', key).update('callback token: encryption').digest();
  }

  override addressOf(domain: DomainId, instance: InstanceId, path: string, attempt: number) {
    const text = Buffer.from(JSON.stringify([domain, instance, path, attempt]));
    const mac = this.mac(text);
    const cipher = createCipheriv(CIPHER, this.cipherKey, mac.subarray(0, IV_BYTES));
    const token = Buffer.concat([mac, cipher.update(text), cipher.final()]).toString('base64url');
    return { token, url: `${this.base()}/callbacks/${token}` };
  }

  /** The place that the token was made for; undefined for anything that this service has not made. */
  placeOf(token: string): Place | undefined {
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length <= MAC_BYTES) return undefined;
    const mac = bytes.subarray(0, MAC_BYTES);
    const decipher = createDecipheriv(CIPHER, this.cipherKey, mac.subarray(0, IV_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(MAC_BYTES)), decipher.final()]);
    if (!timingSafeEqual(this.mac(text), mac)) return undefined;
    const [domain, instance, path, attempt] = JSON.parse(text.toString()) as [DomainId, InstanceId, string, number];
    return isId(instance) ? { domain, instance, path, attempt } : undefined;
  }

  private mac(text: Buffer): Buffer {
    return createHmac('sha256', this.macKey).update(text).digest();
  }
}

/** Takes answers to calls: each address once, also before its step's turn has come. */
export class CallbacksService {
  constructor(
    private readonly addresses: SealedCallbackAddresses,
    private readonly runner: Runner,
    private readonly views: RunViews,
  ) {}

  /** Durable when it resolves. @throws CallbackNotFound alike for wrong, used and expired tokens */
  async take(token: string, body: Json): Promise<void> {
    const place = this.addresses.placeOf(token);
    const state = place && (await this.views.live(place.instance))?.state;
    if (!state) throw place && this.runner.isStopping ? new RunnerStopping() : new CallbackNotFound();
    const { instance, path, attempt } = place;
    const task = state.tasks.get(path);
    const isWaiting = task?.phase === 'waiting' && task.waitingFor?.kind === 'callback' && task.attempt === attempt;
    const isEarly =
      // What is not under way when the run is ending does not begin any more; `finally` and `undo` still wait for answers.
      (task ? task.phase === 'running' && task.attempt === attempt : !state.ending && canCome(state, path)) &&
      !state.early.has(`${path}#${attempt}`);
    if (state.outcome || !(isWaiting || isEarly)) throw new CallbackNotFound();
    const key = `answered ${instance} ${path}#${attempt}`;
    const told = await this.runner.tell(instance, (at) => ({ type: 'answered', path, attempt, body, at }), { key });
    if (!told) throw new CallbackNotFound();
  }
}

/** Tasks of iterations that are over are forgotten, so that "no task" may mean "no more" there. */
function canCome(state: RunState, path: string): boolean {
  const iteration = /^.*\[\d+\](?=\/)/.exec(path)?.[0];
  if (iteration === undefined) return true;
  const body = state.bodies.get(iteration);
  return body !== undefined && body.ended !== true;
}
